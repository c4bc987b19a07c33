"""One run from end to end: its context, its steps, how it is closed, and looking at it afterwards.

Here: calling the stages in order. Not here: how a stage does its work, or Dagster (`defs`).
"""
