"""Lines from a chat: what :func:`share_line` wrote is found in them, checked field by field, and the rest passed over.

They are texts of others. Nothing in them is run, and their size is bounded before any is read.
"""

import itertools
import json
import math
import re

from genlab.classroom.sharing import FORMAT, NAME, STOPPED, VERSION
from genlab.rows import is_whole

MAX_LINES, MAX_LINE, MAX_TEXT = 10_000, 4_000, 5_000_000  # lines, characters of one, characters of all
MOST = 2**63 - 1  # of a seed or step


def single_lines(lines):
    """Single lines, or an error that says what is wrong with them."""
    if isinstance(lines, str):
        lines = [lines]
    if isinstance(lines, bytes) or not hasattr(lines, "__iter__"):
        raise ValueError(f"collect: lines is a {type(lines).__name__}: must be text, or a list of texts")
    texts = list(itertools.islice(lines, MAX_LINES + 1))
    wrong = [i for i, text in enumerate(texts) if not isinstance(text, str)]
    if wrong:
        raise ValueError(f"collect: lines[{wrong[0]}] is a {type(texts[wrong[0]]).__name__}: each must be text")
    size = sum(map(len, texts))
    if size > MAX_TEXT:
        raise ValueError(f"collect: {size:,} characters, at most {MAX_TEXT:,}: paste the part with the lines")
    single = [line for text in texts for line in (text.splitlines() or [""])]
    if len(single) > MAX_LINES:
        raise ValueError(f"collect: more than {MAX_LINES:,} lines: paste the part of the chat that has them")
    return single


TYPESET = "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\uff02\u00a0\u202f"  # what chats make of quotes and blanks
PLAIN = str.maketrans(TYPESET, '""""""""  ')
# Each of these looks at a few characters only, so that no line takes long.
START = re.compile(rf'\{{\s{{0,9}}"{re.escape(FORMAT)}"\s{{0,9}}:')
TRACE = re.compile(rf'\{{.{{0,12}}{re.escape(FORMAT)}|{re.escape(FORMAT)}"|\{{\s{{0,9}}"')  # as if it was meant


def found_in(line):
    """What one line holds of share_line's, as dicts, and why something in it could not be read."""
    line = line.translate(PLAIN)  # in what share_line writes there are none of these
    if not TRACE.search(line):
        return [], []
    if len(line) > MAX_LINE:
        return [], [f"longer than {MAX_LINE:,} characters"]
    found, reasons, end = [], [], 0
    for start in START.finditer(line):
        if start.start() < end:
            continue  # inside the one before
        try:
            told, end = DECODER.raw_decode(line, start.start())
            found.append(_checked(told))
        except json.JSONDecodeError as error:
            reasons.append(f"cut off or changed at character {error.pos + 1}: copy the line again, all of it")
        except RecursionError:
            reasons.append("nested too deeply")
        except ValueError as error:
            reasons.append(str(error))
    if not found and not reasons:
        reasons = [f'nothing begins with {{"{FORMAT}": it is cut off, or not what share_line wrote']
    return found, reasons


def _refuse(word):
    raise ValueError(f"{word} is no number")


DECODER = json.JSONDecoder(parse_constant=_refuse)


def _is_name(value):
    return isinstance(value, str) and 0 < len(value) <= NAME and value.isprintable()


def _is_number(value):
    return type(value) is int or type(value) is float and math.isfinite(value)


def _named(check):
    return lambda value: isinstance(value, dict) and all(_is_name(n) and check(v) for n, v in value.items())


FIELDS = {  # name: (what it must be, how that is seen, value where it is missing)
    "model": (f"a name of at most {NAME} characters", _is_name, None),
    "data": (f"a name of at most {NAME} characters", _is_name, None),
    "seed": ("a whole number or null", lambda v: v is None or is_whole(v, 0, MOST), None),
    "step": ("a whole number", lambda v: is_whole(v, 0, MOST), None),
    "changes": ("a whole number", lambda v: is_whole(v, 0, MOST), 0),
    "stopped": ("null or one of " + ", ".join(STOPPED.values()), lambda v: v in (None, *STOPPED.values()), None),
    "true_modes": ("a whole number or null", lambda v: v is None or is_whole(v, 1, MOST), None),
    "knobs": ("numbers or short texts by name", _named(lambda v: _is_number(v) or isinstance(v, bool) or _is_name(v)), {}),
    "scores": ("finite numbers by name", _named(_is_number), {}),
}  # fmt: skip


def _checked(told):
    """The known fields of what a line told, or an error that lists what is wrong with them."""
    version = told[FORMAT]
    if type(version) is not int or version != VERSION:
        newer = ": install the newest genlab" if type(version) is int and version > VERSION else ""
        raise ValueError(f"its format is not version {VERSION}, which this genlab reads{newer}")
    told = {name: told.get(name, missing) for name, (_, _, missing) in FIELDS.items()}
    wrong = [f"{name} must be {rule}" for name, (rule, seen, _) in FIELDS.items() if not seen(told[name])]
    if wrong:
        raise ValueError("; ".join(wrong))
    return told


def flat_row(told):
    """A flat row; a knob or score by the name of a field does not replace it."""
    own = {name: value for name, value in told.items() if name not in ("knobs", "scores")}
    return own | {n: v for n, v in {**told["knobs"], **told["scores"]}.items() if n not in own and n != "line"}
