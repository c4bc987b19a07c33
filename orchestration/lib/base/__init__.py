"""What every stage may use: home folder, files written whole, locks, threads, SQL, safe messages.

Not here: anything that knows what a customer, a run or a table of the warehouse is.
"""
