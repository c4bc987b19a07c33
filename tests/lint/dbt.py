"""Stands in for dbt's cross-engine macros while the linter fills in templates."""

from __future__ import annotations


def type_string() -> str:
    """The type of text."""
    return "varchar"
