"""What a check is, evaluating it with Great Expectations, and the proof that a bad table fails.

Not here: which checks there are (`lake_gate`, `mart_gate`).
"""
