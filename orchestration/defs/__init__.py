"""Dagster wiring. Each module makes one kind of definition; the work itself is in `lib`."""
