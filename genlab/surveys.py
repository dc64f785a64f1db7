"""Real surveys as tables: answers in a pandas DataFrame, answer scales in their declared order.

What each column means, where the answers come from, and what to know before using them stands in
``datasets/README.md``. The declarations themselves lie beside each table, as ``survey.types.json``; with them a table is
read the way a survey of one's own is::

    df, types = tables.read(gl.datasets.read("survey.csv"), types=gl.datasets.read("survey.types.json"))
"""

import json

from genlab import files


def survey():
    """Answers of 13,583 US high-school students on health and risk, 2013 (CDC, Youth Risk Behavior Survey).

    They are about minors, their bodies and their race, told by themselves; no weights come with them, so that no share
    in this table is one of the country's students.

    Returns
    -------
    DataFrame, shape (13583, 13)
        Numbers as floats, answers as categories; scales are ordered, lowest first. A question not answered is NaN. An
        answer off the scale ("did not drive") is a category of its own, put after the highest level: set it aside before
        you compare or rank. `survey.types.json` declares it as a kind of missing.
    """
    return _table("survey")


def opinions():
    """Opinions and votes of 944 US citizens, 1996: seven-point scales (American National Election Studies).

    Returns
    -------
    DataFrame, shape (944, 10)
        Numbers as integers, answers as categories of integer codes, whose meanings are labels in `opinions.types.json`;
        scales are ordered, lowest first. No value is missing.
    """
    return _table("opinions")


def _table(name):
    import pandas as pd

    columns = json.loads(files.read(f"{name}.types.json").read_text("utf-8"))["columns"]
    words = {column["name"]: str for column in columns if isinstance((column["levels"] or [0])[0], str)}
    df = pd.read_csv(files.read(f"{name}.csv"), dtype=words)  # without it, some of the "9" of a scale would be numbers
    for column in columns:
        if column["levels"]:
            levels, ordered = column["levels"] + column["missing"], column["kind"] == "ordinal"
            df[column["name"]] = pd.Categorical(df[column["name"]], categories=levels, ordered=ordered)
        else:
            df[column["name"]] = df[column["name"]].astype(column["dtype"])
    return df
