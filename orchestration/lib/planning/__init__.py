"""Before a programme starts: who could take part, what would be found, and the draw of the arms.

Here: a planned experiment from the published warehouse to the two files that declare it. Not here:
how the nights judge it (dbt), or what a person types (`cli`). Public: `plan`.
"""
