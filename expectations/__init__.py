"""What the data must be: the contracts, the two gates, and the checks they are made of.

The stage between transform and publication. Here: checks and their results. Not here: whether a run
may be published (`orchestration.lib.publication.decision`).
"""
