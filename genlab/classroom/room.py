"""The room's runs, and how often they failed: a rate with its interval for each kind of run."""

import collections
import dataclasses
import html
import json

from genlab.classroom.reading import FIELDS, flat_row, found_in, single_lines

MAX_NAMES = 100  # different knobs and scores in a room
RUN = ("model", "data", "true_modes", "seed", "knobs")  # by which two lines tell of the same run
SHOWN = 10  # kinds of run, or lines that could not be read, in a sentence
COLUMNS = ["runs", "counted", "failed", "share", "low", "high", "first_step", "last_step"]
RULE = "Failed means: no longer finite, or fewer modes than there are."


def collect(lines):
    """The room's runs, out of what was pasted from its chat.

    Names, quotes, blank lines and other talk are passed over. The same line twice counts once: the same seed and knobs
    give the same run.

    Parameters
    ----------
    lines : str, or list of str
        At most 10,000 lines.

    Returns
    -------
    Room

    Examples
    --------
    >>> import genlab as gl
    >>> line = '{"genlab.run":1,"model":"GAN","data":"ring","seed":%d,"step":500,"scores":{"modes":%d},"true_modes":8}'
    >>> room = gl.collect("Anna: " + line % (1, 8) + "\\n\\nBen, mine broke: " + line % (2, 3))
    >>> room.rate()["share"].item()
    0.5
    """
    room, known, names, seeds = Room(), set(), set(), set()
    for number, line in enumerate(single_lines(lines), 1):
        found, reasons = found_in(line)
        for told in found:
            row = {"line": number} | flat_row(told)
            key, run = _key({**row, "line": 0}), _key([told[name] for name in RUN])
            if key in known:
                room.repeated += 1
            elif len(names | set(row)) > MAX_NAMES:
                reasons.append(f"a room has at most {MAX_NAMES} different knobs and scores")
            else:
                room.rows.append(row)
                room.again += run in seeds and told["seed"] is not None
                known.add(key), names.update(row), seeds.add(run)
        room.unread += [(number, reason) for reason in reasons[:1]]
    return room


def _key(value):
    return json.dumps(value, sort_keys=True)


def failed_by_default(row):
    """Whether a run failed: it is no longer finite, or has fewer modes than there are; a str says why one cannot tell."""
    if row["stopped"] == "not finite":
        return True
    if row["step"] == 0:
        return "has not learned yet"
    if row["true_modes"] is None:
        return "learned data whose modes are not known"
    if "modes" not in row:
        return "has no score named 'modes'"
    return row["modes"] < row["true_modes"]


@dataclasses.dataclass(repr=False)
class Room:
    """The runs of a room.

    Attributes
    ----------
    rows : list of dict
        One a run: line, model, data, seed, step, changes, stopped, true_modes, and its knobs and scores by name.
    unread : list of (line number, reason)
        What could not be read.
    repeated : int
        Lines left out because another one is the same.
    again : int
        Lines on a run (same seed and knobs) that another line tells of too, at another step.
    """

    rows: list = dataclasses.field(default_factory=list)
    unread: list = dataclasses.field(default_factory=list)
    repeated: int = 0
    again: int = 0

    @property
    def frame(self):
        """DataFrame with a row a run; what a run does not have is missing. A knob at its default is not in a line."""
        import pandas as pd

        own = ["line", *FIELDS][:-2]  # without knobs and scores, which are columns of their own
        frame = pd.DataFrame(
            self.rows, columns=list(dict.fromkeys([*own, *(name for row in self.rows for name in row)]))
        )
        whole = {name: pd.array([row[name] for row in self.rows], dtype="Int64") for name in ("seed", "true_modes")}
        return frame.assign(**whole)  # as floats, large seeds would lose digits where one is missing

    def rate(self, failed=None):
        """How often runs failed, for each kind of run: of different models or data, rates are not pooled.

        Parameters
        ----------
        failed : function of a row (dict) -> bool or None, optional
            For example ``lambda row: row["distance"] > 0.1``. A run of which it gives None, or which lacks what it asks
            for, is not counted. By default a run failed that is no longer finite or has fewer modes than there are.

        Returns
        -------
        DataFrame
            By model and data: runs, counted, failed, share = failed / counted, and low and high, its 95 % interval
            (Wilson, 1927), as if the runs' seeds were drawn at random; and from which step to which they are.
        """
        return self._rates(failed)[0]

    def sentence(self, failed=None):
        """What :meth:`rate` finds, and all that was not counted, in words."""
        rates, unknown = self._rates(failed)
        kinds = [_phrase(kind, row) for kind, row in zip(rates.index, rates.to_dict("records"), strict=True)]
        more = [f"and {len(kinds) - SHOWN} more kinds"] if len(kinds) > SHOWN else []
        text = "; ".join(kinds[:SHOWN] + more) if kinds else "No run to count"
        text = f"Runs of different kinds are not pooled. {text}" if len(kinds) > 1 else text
        return " ".join([f"{text}.", *([RULE] if kinds and failed is None else []), *self._notes(unknown)])

    def _rates(self, failed):
        """The frame of :meth:`rate`, and how many runs are not counted, by reason."""
        import pandas as pd

        if failed is not None and not callable(failed):
            raise ValueError(f"failed is a {type(failed).__name__}: must be a function of a row, or None")
        kinds, unknown = {}, collections.Counter()
        for row in self.rows:
            verdict = _verdict(row, failed)
            kinds.setdefault(_kind(row), []).append((row["step"], verdict))
            unknown.update([verdict] if isinstance(verdict, str) else [])
        rows = {kind: _rate(runs) for kind, runs in sorted(kinds.items(), key=lambda kind: -len(kind[1]))}
        index = pd.MultiIndex.from_tuples(rows, names=["model", "data"]) if rows else None
        return pd.DataFrame(list(rows.values()), index, COLUMNS), unknown

    def _notes(self, unknown):
        """What was not counted, a sentence each."""
        notes = []
        if unknown:
            why = ", ".join(f"{count} {reason}" for reason, count in unknown.most_common(SHOWN))
            notes.append(f"Not counted, for the rule says nothing about them: {why}.")
        if self.repeated:
            notes.append(f"Left out as the same as another line: {self.repeated}.")
        if self.again:
            notes.append(
                f"Lines on a run that another line tells of too (same seed and knobs): {self.again}; they are no new "
                "chances, so that the interval is too narrow."
            )
        if self.unread:
            shown = "; ".join(f"line {number}: {reason}" for number, reason in self.unread[:SHOWN])
            more = f"; and {len(self.unread) - SHOWN} more" if len(self.unread) > SHOWN else ""
            notes.append(f"Could not be read: {len(self.unread)} ({shown}{more}).")
        return notes

    def __repr__(self):
        return self.sentence()

    def _repr_html_(self):
        rates = self.rate()[:SHOWN]
        head = "".join(f"<th>{name}</th>" for name in ("model", "data", *rates))
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in (*kind, *_cells(row))) + "</tr>"
            for kind, row in zip(rates.index, rates.to_dict("records"), strict=True)
        )
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if body else ""
        return f"<div class='tex2jax_ignore mathjax_ignore'><p>{html.escape(self.sentence())}</p>{table}</div>"


def _kind(row):
    """What a run has in common with those that it is pooled with."""
    modes = "" if row["true_modes"] is None else f" of {row['true_modes']:,} modes"
    return row["model"], row["data"] + modes


def _verdict(row, failed):
    """True or False; or, where the rule says nothing, a str that says why."""
    if failed is None:
        return failed_by_default(row)
    try:
        verdict = failed(dict(row))
    except KeyError as error:
        return f"without {error.args[0]!r}" if error.args else "without what it asks for"
    if verdict is None:
        return "of which it gives None"
    if str(verdict) not in ("True", "False"):  # NumPy's truth values too
        raise ValueError(f"failed gave {verdict!r}: must be True, False or None")
    return bool(verdict)


def _rate(runs):
    """One row of :meth:`Room.rate`."""
    from scipy.stats import binomtest

    steps, verdicts = zip(*runs, strict=True)
    counted = [verdict for verdict in verdicts if not isinstance(verdict, str)]
    n, k = len(counted), sum(counted)
    share, low, high = float("nan"), 0.0, 1.0
    if n:
        share, (low, high) = k / n, binomtest(k, n).proportion_ci(method="wilson")
    values = (len(verdicts), n, k, share, float(low), float(high), min(steps), max(steps))
    return dict(zip(COLUMNS, values, strict=True))


def _phrase(kind, row):
    """One kind of run in words."""
    first, last = row["first_step"], row["last_step"]
    of = f"{kind[0]} on {kind[1]}, step {first:,}" + (f" to {last:,}" if last > first else "")
    if not row["counted"]:
        return f"no run counted: {of}"
    rate = f"{100 * row['share']:.0f} %, interval {100 * row['low']:.0f} to {100 * row['high']:.0f} %"
    return f"{row['failed']} of {row['counted']} runs failed ({rate}): {of}"


def _cells(row):
    """A row of rates as text."""
    return [
        "" if value != value else f"{value:.0%}" if isinstance(value, float) else str(value) for value in row.values()
    ]
