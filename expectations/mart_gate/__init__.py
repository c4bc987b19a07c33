"""The checks of gate 2: the candidate against its declarations and against the version before.

Not here: evaluating them (`gates`), or rules of one model, which are dbt's tests.
"""
