"""The experiments whose studies ship with genlab: digits, a survey, and a rare answer in it."""

import numpy as np

from genlab.augment import images, rare, rows
from genlab.augment.study import Experiment
from genlab.files import read
from genlab.tables.reading.reading import read as read_table
from genlab.tables.types import Column, Types

DAILY, HABIT = "texts_daily", "text_while_driving_30d"


def digits() -> Experiment:
    """Accuracy on handwritten digits."""
    return images.of_images()


def survey() -> Experiment:
    """Accuracy in telling the gender of a student from the other answers."""
    df, types = _survey()
    return rows.of_rows(df, types, "gender", name="survey")


def texting():
    """The survey, with whether a student texts at the wheel every day in place of on how many days.

    Returns
    -------
    DataFrame, Types
        Who did not drive says no. Rows without an answer to the question are left out.
    """
    df, types = _survey()
    df = df[df[HABIT].notna()]
    df = df.assign(**{DAILY: np.where(df[HABIT] == "30", "yes", "no")}).astype({DAILY: "category"})
    kept = [column for column in types.values() if column.name != HABIT]
    return df.drop(columns=HABIT), Types(
        [*kept, Column(DAILY, "category", levels=("no", "yes"), declared=True, dtype="category")]
    )


def rare_answer() -> Experiment:
    """How well the students are found who text at the wheel every day, and of two groups which is found less often."""
    df, types = texting()
    return rare.of_rare(df, types, DAILY, "yes", groups="hispanic", name="rare")


EXPERIMENTS = dict(digits=digits, survey=survey, rare=rare_answer)


def _survey():
    return read_table(read("survey.csv"), types=read("survey.types.json"))
