"""Ingestion, transformation, gates and publication of the nightly run."""
