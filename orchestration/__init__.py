"""The nightly pipeline: settings, its stages (`lib`), Dagster (`defs`), the command line, the demo.

Not here: what the data must be (`expectations`), or the models (`dbt_project`).
"""
