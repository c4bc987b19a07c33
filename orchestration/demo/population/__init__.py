"""Who the customers are and how they live: chance, behaviour, programmes and their effects, money.

Not here: rows of files.
"""
