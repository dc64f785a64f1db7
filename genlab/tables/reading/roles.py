"""What columns are for: survey weights, check-all-that-apply blocks, batteries of items.

Recognised by names that share a stem and by values that agree; said, never acted upon.
"""

import dataclasses
import re

from genlab.tables.types import LEVELS

FEWEST = 3  # columns of a block
_WEIGHT = re.compile(
    r"(?:^|[^a-z])(?:p|f|svy|survey|case|post|final|design|stat)?_?(?:weights?|wgts?|wts?|gewicht)\d*(?:[^a-z]|$)"
)
_ENDINGS = (  # of a name: what is left of them is its stem
    re.compile(r"(.*?)[\s_.:-]*\[.*\]"),  # q5[SQ001]
    re.compile(r"(.*?[^\d\s_.:-])[\s_.:-]*\d+"),  # q5_1, A1
    re.compile(r"(.*\d)[\s_.:-]*[A-Za-z]"),  # q5a
    re.compile(r"(.*?\d)[\s_.:-]+\d+"),  # 5_1
    re.compile(r"(.+)[_.:][^_.:]+"),  # media_radio
)


def give(columns, df):
    """`columns` with their roles; `df` has the same columns in the same order."""
    columns = [_weight(column, df.iloc[:, place]) for place, column in enumerate(columns)]
    answers = [_answers(column, df.iloc[:, place]) for place, column in enumerate(columns)]
    for ending in _ENDINGS:
        blocks = {}
        for place, column in enumerate(columns):
            found = ending.fullmatch(str(column.name))
            if found and answers[place] and not column.role:
                blocks.setdefault(found[1], []).append(place)
        bare = {str(c.name): place for place, c in enumerate(columns) if answers[place] and not c.role}
        for stem, places in blocks.items():
            places += [bare[stem]] if stem in bare and bare[stem] not in places else []  # party, party_wife, party_boss
            role = _role([answers[place] for place in places])
            for place in places if role else ():
                columns[place] = dataclasses.replace(columns[place], role=f"{role} {stem}")
    return columns


def _answers(column, series):
    """The different answers of a column with few, as a set; None of others."""
    if column.kind in LEVELS:
        return frozenset(column.levels) if len(column.levels) <= 15 else None
    if column.kind == "number" and column.step >= 1:
        seen = frozenset(series.dropna().unique()) - frozenset(column.missing)
        return seen if 1 < len(seen) <= 15 else None
    return None


def _role(answers):
    """What columns of a stem are by their answers: "check-all", "battery" or ""."""
    if len(answers) < FEWEST:
        return ""
    every = frozenset().union(*answers)
    if all(len(each) == 1 for each in answers) or (len(every) == 2 and max(map(len, answers)) == 2):
        return "check-all"
    alike = all(2 * len(each) > len(every) for each in answers)
    return "battery" if alike and 2 < len(every) <= 15 else ""


def _weight(column, series):
    """`column` as a survey weight, or in doubt about it."""
    name = re.sub(r"([a-z])([A-Z])", r"\1_\2", str(column.name)).lower()
    if column.kind != "number" or column.missing or not _WEIGHT.search(name):
        return column
    x = series.dropna().astype(float)
    share = x.mean()
    if (x >= 0).all() and column.step < 1 and (0.8 <= share <= 1.25 or share >= 1000):  # to 1, or to a population
        return dataclasses.replace(column, role="weight")
    doubt = f"a survey weight or a body weight? its mean is {share:.3g}; if it weights rows, set role='weight'"
    return dataclasses.replace(column, warnings=(*column.warnings, doubt))
