"""Texts, symbol by symbol: what may follow a beginning, what the model looked at, and what it writes by itself."""

import textwrap

import numpy as np

from genlab import plots, symbols
from genlab.lab.views.view import SEED, View
from genlab.rows import is_whole

STILL = 6  # symbols in a still picture
TEXTS, SHOWN = 8, 900  # texts written by the model itself, and the characters in them at most
HOT = 5.0  # temperature at most


class Text(View):
    """The next symbol's probabilities after a beginning of the reader's, beside texts that the model writes alone."""

    kind = "text"

    def __init__(self, model, data):
        super().__init__(model, data, max(1, min(TEXTS, SHOWN // data.shape[0])))
        self.prefix, self.temperature, self.label = "", 1.0, 0
        self.attends = self._attends()
        self._written = None, []

    def ask(self, question):
        known = dict(prefix=self.prefix, temperature=self.temperature, label=self.label)
        if not question or set(question) - set(known):
            raise ValueError(f"{question!r}: ask for {', '.join(known)}")
        prefix, temperature, label = (known | question).values()
        if not isinstance(prefix, str):
            raise ValueError(f"prefix={prefix!r}: must be text")
        self.model.codec.prefix(prefix, 1, self.data.shape[0] - 1)
        symbols.check_drawing(temperature, 0, 1.0)
        if temperature > HOT:
            raise ValueError(f"temperature={temperature!r}: at most {HOT:g} here")
        if label != 0 and not is_whole(label, 0, self.model.classes - 1):
            raise ValueError(f"label={label!r}: must be a whole number below the {self.model.classes} labels")
        self.prefix, self.temperature, self.label = prefix, float(temperature), int(label)

    def scene(self):
        numbers = dict(
            kind=self.kind,
            title=self.data.name,
            symbols=self.data.symbols,
            end=self.data.end,
            longest=self.data.shape[0] - 1,
            attends=self.attends,
            classes=self.model.classes,
        )
        return numbers, {}

    def look(self):
        arrays = dict(odds=self._odds())
        if self.attends:  # of the last place: how strongly it attends to the start and each symbol behind it
            maps = self.model.attention(self.prefix, y=self._label())  # (layers, heads, L + 1, L + 1)
            arrays["attention"] = maps.mean(1)[:, -1].cpu().numpy().astype(np.float32)
        return dict(prefix=self.prefix, temperature=self.temperature, label=self.label, texts=self._texts()), arrays

    def draw_on(self, ax, look=None):
        numbers, arrays = look or self.look()
        odds, prefix = arrays["odds"], numbers["prefix"]
        best = sorted(range(len(odds)), key=lambda code: -odds[code])[:STILL]
        named = {self._named(code): 100 * float(odds[code]) for code in best}
        ax.set_xlabel("it writes: " + textwrap.shorten(", ".join(numbers["texts"]), 48), fontsize=8)
        return plots.bars(ax, named, ylabel=f"percent, after {prefix!r}" if prefix else "percent, first symbol")

    def _named(self, code):
        symbol = self.data.symbols[code]
        return "end" if code == self.data.end else {" ": "space", "\n": "line"}.get(symbol, symbol)

    def _label(self):
        return self.label if self.model.classes else None

    def _odds(self):
        odds = self.model.next(self.prefix, y=self._label(), temperature=self.temperature)
        return odds.cpu().numpy().astype(np.float32)

    def _attends(self):
        try:
            self.model.attention("", y=self._label())
        except ValueError:
            return False
        return True

    def _texts(self):
        """Texts of the same random numbers each time, drawn anew only when something has changed."""
        now = self.model.step, self.temperature, self.label
        if self._written[0] != now:
            x = self.model.sample(self.n, y=self._label(), seed=SEED, temperature=self.temperature)
            self._written = now, self.model.text(x)
        return self._written[1]
