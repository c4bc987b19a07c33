"""From a checked candidate to the version analysts read, and back.

Here: evidence, the decision on it, the audit tables, the steps of a publication, versions and going
back, exports. Not here: the checks themselves (`expectations`), or pages (`reports`).
"""
