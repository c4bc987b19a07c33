"""The entities: what their columns are, as `expectations/contracts/*.yml` declares them.

Here: reading the contracts, and the columns of an entity in the lake. Not here: checking data
against them (`ingest`, `expectations`).
"""
