"""The lake as a run hands it on: the database dbt reads, the ledger summed up, the pseudonym key.

Not here: how the files of the lake come about (`ingest`), or what is made of them (`transform`).
"""
