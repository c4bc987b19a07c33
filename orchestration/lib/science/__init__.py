"""Statistics of the pipeline: pure functions over numpy arrays, each with its source.

Here: likelihoods, estimators and tests that SQL cannot express, and the reference implementation
of those it can. Not here: reading or writing tables, and anything that knows a model of dbt.
"""


class NotEstimable(ValueError):
    """The data cannot carry the estimate; the message is the reason shown beside the NULL."""
