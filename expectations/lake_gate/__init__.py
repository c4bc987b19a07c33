"""The checks of gate 1: every row accounted for, as much as usual, on time, as the contract says.

Not here: evaluating them (`gates`), or anything that needs the warehouse.
"""
