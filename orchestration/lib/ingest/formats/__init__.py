"""One module per file format; each hands on text cells with exact row numbers (`rows`).

Not here: types, contracts, or what a heading is called.
"""
