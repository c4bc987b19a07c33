"""A made-up company whose truth is known: its extracts, and beside them what is true.

In order: base, population, crm, support, survey, extracts, truth; `chunk` lives some customers from
draws to rows, `company` writes all of them. Not here: anything the pipeline reads but the files.
"""

from orchestration.demo.company import DemoSummary, write_demo

__all__ = ["DemoSummary", "write_demo"]
