"""Files of the landing folder: their kinds, their dirt, full and nightly, and the small lists.

Not here: whose rows they are.
"""
