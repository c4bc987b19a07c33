"""A made-up company whose truth is known: its extracts, and beside them what is true."""

from orchestration.demo.company import DemoSummary, write_demo

__all__ = ["DemoSummary", "write_demo"]
