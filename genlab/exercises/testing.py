"""Exercises of notebook 16: a rule a database keeps, how many rows find a fault, and an honest standard error."""

import contextlib
import math
import sqlite3

import torch

from genlab.exercises.exercise import Exercise

ROWS = [("yes", "never"), ("yes", "always"), ("no", None), ("yes", None), ("no", "never")]


def _accepted(answer, case):
    """Which rows a table with the rule takes."""
    rule = answer() if callable(answer) else answer
    if rule is None or rule is ...:
        return None
    rides, helmet = case
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        db.execute(f"CREATE TABLE customer (rides TEXT, helmet TEXT, CHECK ({rule}))")
        try:
            db.execute("INSERT INTO customer VALUES (?, ?)", (rides, helmet))
        except sqlite3.IntegrityError:
            return {"taken (1) or refused (0)": 0}
    return {"taken (1) or refused (0)": 1}


def _number(name):
    """A probe of an answer that gives one number."""

    def probe(answer, case):
        result = answer(*case)
        return None if result is None or result is ... else {name: torch.as_tensor(float(result), dtype=torch.float64)}

    return probe


def _rows(answer, case):
    """Whole rows: the number that the formula gives, or that number rounded up, is the same answer."""
    result = answer(*case)
    return None if result is None or result is ... else {"the rows": math.ceil(round(float(result), 6))}


EXERCISES = {
    "testing.rule": Exercise(
        answer="(rides = 'yes') = (helmet IS NOT NULL)",
        mistakes={
            "A rider without an answer is taken. (What is compared with NULL is NULL, and a CHECK lets NULL pass: IS NOT NULL asks.)": "(rides = 'yes') = (helmet <> '')",
            "That is half of the rule: an answer of somebody who does not ride is taken.": "rides = 'no' OR helmet IS NOT NULL",
            "Upside down: it takes those whom the rule forbids, and only them.": "(rides = 'yes') = (helmet IS NULL)",
            "It takes riders alone; those who do not ride are customers, too.": "rides = 'yes' AND helmet IS NOT NULL",
        },
        probe=_accepted,
        cases=[(f"rides {rides}, helmet {helmet}", (rides, helmet)) for rides, helmet in ROWS],
    ),
    "testing.rows": Exercise(
        answer=lambda p, sure: math.ceil(math.log(1 - sure) / math.log(1 - p)),
        mistakes={
            "So many rows hold one such row on average, and none at all in more than a third of the cases.": lambda p, sure: 1 / p,
            "Chances of rows do not add up: two rows at one half are not sure to find it.": lambda p, sure: sure / p,
            "That is how many rows it takes with the chance of missing it: use 1 - sure.": lambda p, sure: math.log(sure) / math.log(1 - p),
            "The chance that a row does NOT find it is 1 - p.": lambda p, sure: math.log(1 - sure) / math.log(p),
        },
        probe=_rows,
        cases=[("one row in two", (0.5, 0.75)), ("one in ten", (0.1, 0.95)), ("one in a hundred", (0.01, 0.99))],
    ),
    "testing.error": Exercise(
        answer=lambda v, rows, copies, n: math.sqrt(v * (rows / n + 1 / copies)),
        mistakes={
            "That is the error of drawing the copies; that of the real rows is missing, and no copy takes it away.": lambda v, rows, copies, n: math.sqrt(v / copies),
            "That takes the rows of one copy as real.": lambda v, rows, copies, n: math.sqrt(v),
            "That is the error of the real rows; drawing the copies added some.": lambda v, rows, copies, n: math.sqrt(v * rows / n),
            "That is the variance; the standard error is its square root.": lambda v, rows, copies, n: v * (rows / n + 1 / copies),
            "The other way up: n real rows, and copies of `rows` rows. Long copies have a small v, which rows / n sets right.": lambda v, rows, copies, n: math.sqrt(v * (n / rows + 1 / copies)),
        },
        probe=_number("the standard error"),
        cases=[("as many rows", (4.0, 100, 1, 100)), ("five copies", (1.0, 3000, 5, 3000)), ("long copies", (0.01, 60000, 2, 3000))],
    ),
}  # fmt: skip
