"""Form fields made from types: one for each column that a model learns, with the words of its levels."""

import datetime
import re

import ipywidgets
import pandas as pd

from genlab.tables.reporting.markup import plain
from genlab.tables.synthesis import encoding
from genlab.tables.types import LEVELS

NONE = "– no answer –"
WIDE = {"description_width": "13em"}


def heading(number, words, text=""):
    """A step's title, of the form's own words only."""
    mark = f"<b>{number}</b>" if number else ""
    return ipywidgets.HTML(f"<h3>{mark}{words}</h3>" + (f"<p>{text}</p>" if text else ""))


def button(words, press, *, primary=False, disabled=False):
    made = ipywidgets.Button(description=words, button_style="primary" if primary else "", disabled=disabled)
    made.on_click(lambda _: press())
    return made


def row(*widgets, head=False):
    made = ipywidgets.HBox(widgets)
    made.add_class("genlab-row")
    if head:
        made.add_class("genlab-head")
    return made


def box(children, *names):
    made = ipywidgets.VBox(children)
    for name in names:
        made.add_class(name)
    return made


def quiet(widget):
    """Keep a label for those who cannot see the column's head above it, and hide it from the others."""
    widget.add_class("genlab-quiet")
    return widget


class Field:
    """The field of one column.

    Parameters
    ----------
    column : Column
        Of a kind in `encoding.LEARNED`.
    series : Series
        Its cells in the table, for the range of a number.
    value : optional
        What stands in it at first.
    """

    def __init__(self, column, series, value=None):
        self.column, name = column, plain(column.name, 40)
        size = dict(description=name, style=WIDE, layout=ipywidgets.Layout(width="30em", max_width="100%"))
        if column.kind in LEVELS:
            levels = [*column.levels, *column.missing]
            options = [(NONE, None), *((plain(column.labels.get(level, level), 60), level) for level in levels)]
            place = levels.index(value) + 1 if value in levels else 0
            self.widget = ipywidgets.Dropdown(options=options, index=place, **size)
        elif column.kind == "date":
            self.widget = ipywidgets.DatePicker(value=pd.Timestamp(value).date() if value else None, **size)
        else:
            _, x = encoding.split_special(series, column)
            x = x[x == x]
            hint = f"a number, {x.min():g} to {x.max():g} here" if len(x) else "a number"
            text = "" if value is None or value != value else f"{value:g}" if isinstance(value, float) else str(value)
            self.widget = ipywidgets.Text(value=text, placeholder=hint, continuous_update=True, **size)

    def clear(self):
        if isinstance(self.widget, ipywidgets.Dropdown):
            self.widget.index = 0
        else:
            self.widget.value = "" if isinstance(self.widget, ipywidgets.Text) else None

    @property
    def value(self):
        """The answer, None for none; ValueError where it is no number."""
        value = self.widget.value
        if isinstance(value, datetime.date):
            day = pd.Timestamp(value)
            return day.strftime(self.column.format) if self.column.format else day
        if not isinstance(self.widget, ipywidgets.Text):
            return value
        text = value.strip()
        if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+", text):  # 12,000 is 12 to some and 12000 to others
            raise ValueError(f"{self.column.name!r}: {value!r} can be read in two ways: write it without the comma")
        text = text.replace(",", ".")
        if not text:
            return None
        try:
            number = float(text)
        except ValueError:
            if text in map(str, self.column.missing):
                return text
            raise ValueError(
                f"{self.column.name}: {text!r} is no number; write it like 1.75, or leave it empty"
            ) from None
        whole = number.is_integer() and "int" in self.column.dtype.lower()
        return int(number) if whole else number
