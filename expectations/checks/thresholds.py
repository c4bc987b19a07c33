"""When is less than before too little? One answer for files sent again, facts and answers.

Here: the threshold and the tables it holds for. Not here: what is counted (`delivery`,
`drift`, `answer_scales`).
"""

from __future__ import annotations

# Tables whose rows are things that happened: these come, and go only where a record was one too
# many, such as a duplicate that was merged or a test order: parts of a per cent. One day gone of a
# month is 3.3 %; a cut file, a filter left on or another page limit takes more.
HISTORY = frozenset(
    {
        "dim_customers",
        "fct_contracts",
        "fct_interactions",
        "fct_survey_responses",
        "fct_tickets",
        "fct_transactions",
    }
)
MOST_LOST = 0.03
FEW_LOST = 5  # two of ten rows withdrawn are 20 % and say nothing
FEWEST = 3  # but where nothing is left of three, the file is empty


def is_cut(before: int, now: int) -> bool:
    """Whether more is gone of what hardly ever shrinks than is ever taken back."""
    lost = before - now
    return (lost > FEW_LOST and lost > MOST_LOST * before) or (now == 0 and before >= FEWEST)
