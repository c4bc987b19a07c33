"""What every stage may use: the home folder, files written whole, locks, SQL text, safe messages.

Not here: anything that knows what a customer, a run or a table of the warehouse is.
"""
