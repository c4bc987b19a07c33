"""Statistics of the pipeline: pure functions over numpy arrays, each with its source.

Here: likelihoods and estimators that SQL cannot express, for the Python models of dbt. Not here:
reading or writing tables, anything that knows a model of dbt, and the reference implementation of
what SQL does express (`tests/reference`).
"""


class NotEstimable(ValueError):
    """The data cannot carry the estimate; the message is the reason shown beside the NULL."""
