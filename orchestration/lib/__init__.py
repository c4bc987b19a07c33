"""The pipeline, one package per stage, in the order of the data.

base, science, contracts, adapters, ingest, adapter_tools, lake, transform, then `expectations`,
then publication, reports, run. A stage imports only stages before it, and of these their public
modules: `tests/unit/test_import_order.py` lists both. Here: functions that know neither Dagster nor
the command line. Not here: settings, assets, commands.
"""
