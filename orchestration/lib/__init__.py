"""Pure building blocks of the run. Nothing in here imports Dagster."""
