"""What a form tells its reader: lines that screen readers announce, progress bars, and files to take away.

A live region has to stand in the page before its words come, and a download needs the bytes of a file at a press: plain
widgets have neither. Everything is set as text; a report is shown in a frame that can run no script.
"""

import pathlib

import anywidget
import traitlets

HERE = pathlib.Path(__file__).parent / "browser"
LARGEST = 50_000_000  # bytes of a file that goes through the page


class Notice(anywidget.AnyWidget):
    """A status line, an error, bars, a table of results and a frame.

    From it come {"get": [row, key]}, a file that is asked for, and {"show": row}, a report to look at.
    """

    _esm = HERE / "notice.js"
    _css = HERE / "studio.css"

    status = traitlets.Unicode("").tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)
    bars = traitlets.List([]).tag(sync=True)  # of {"name", "done", "of", "words"}
    head = traitlets.List([]).tag(sync=True)  # the columns of the results: {"name", "help"}
    rows = traitlets.List([]).tag(sync=True)  # {"name", "cells": [{"text", "at", "tone"}], "files": [[key, words]]}
    frame = traitlets.Dict({}).tag(sync=True)  # {"title", "page"}: a report that is shown

    def __init__(self, asked=None, **traits):
        super().__init__(**traits)
        self._asked = asked
        self.on_msg(self._heard)

    def say(self, status="", error=""):
        """Tell something, in place of what was told before."""
        self.status, self.error = status, error

    def _heard(self, widget, message, buffers):
        match message:
            case {"get": [int(row), str(key)]} if self._asked is not None:
                self._asked(row, key)
            case {"show": int(row)} if self._asked is not None:
                self._asked(row, "show")

    def hand_over(self, name, mime, data):
        """Let the browser save a file."""
        self.send({"name": name, "mime": mime}, [data])


def told(error):
    """An error in words for a form."""
    words = str(error).strip()
    return words if isinstance(error, ValueError) and words else f"{type(error).__name__}: {words}"
