"""dbt, called in this process: the manifest, the build, what its tests claim, what it built.

Not here: the models (`dbt_project`), what they compute in Python (`science`), or whether their
tables may be published (`publication`).
"""
