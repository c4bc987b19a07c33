"""From landing files to the typed, immutable lake, with every row accounted for.

In order: scan, decode, formats, headers, cast, parse_file, worker, batches, mapping with
contract_rules and lookup_misses, lake_snapshot; `run` and `replay` call them. Not here: what a row
means to the business, or whether what came is enough (`expectations`).
"""
