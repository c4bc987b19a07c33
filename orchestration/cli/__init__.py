"""The command line, `cxroi`.

Here: arguments, exit codes, what a person sees. Not here: what a command does (`lib`). Public:
`main`.
"""

from orchestration.cli.app import main

__all__ = ["main"]
