"""The pages a person opens after a run, and the words for what failed.

Here: queries on the published file, charts, HTML. Not here: computing a metric, or deciding.
"""
