"""The reference implementation of statistics that SQL models compute, checked against it in tests.

Each names its source and is itself checked against published values (`tests/golden`). Not here:
what the product runs (`orchestration.lib.science`).
"""
