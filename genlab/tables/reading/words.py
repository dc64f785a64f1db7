"""What texts in a survey file usually mean: no answer, yes and no, dates, numbers, personal data, names of ids.

These are habits of files, not rules: whatever is found by them comes with a warning in the table of types. Words are
known in English, and the commonest also in German, French, Spanish and Dutch.
"""

import functools
import re

import pandas as pd

_NO_ANSWER = re.compile(
    r"(?:(?:i )?(?:don.?t|do not) know|refus(?:ed|al)|not asked|not applicable|no (?:answer|response|opinion)|prefer not"
    r"|declined?|skipped|not (?:stated|reported|ascertained|available)|legitimate skip|inapplicable"
    r"|keine angabe|wei(?:ss|ß) (?:ich )?nicht|ne sai[st] pas|sans r[ée]ponse|no sabe|no contesta|weet (?:ik )?niet)\b.*"
    r"|(?:dk|dk/na|n/?a|n\.a\.|#n/a|iap|inap|missing|unknown|unsure|not sure|refuse|k\. ?a\.|nsp|ns/nc|-|--|\?)",
    re.IGNORECASE,
)
_NO_YES = [
    pair.split("/")
    for pair in (
        "no/yes n/y false/true f/t off/on nein/ja non/oui no/si no/sí nee/ja unchecked/checked absent/present"
    ).split()
] + [["not selected", "selected"], ["not checked", "checked"], ["not mentioned", "mentioned"]]
_SCALE = re.compile(
    r"\b(?:never|rarely|seldom|sometimes|often|always|(?:dis)?agree|(?:dis)?satisfied|(?:un)?likely|very|somewhat|low"
    r"|medium|high|excellent|good|fair|poor|bad|better|worse|best|worst|a lot|not at all|too (?:much|little))\b",
    re.IGNORECASE,
)
_ID_NAME = re.compile(
    r"(?:^|[^a-z])(?:u?id|uuid|guid|key|rownames?|row|index|serial|record|case(?:no|nr)?)(?:[^a-z]|$)"
)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_PHONE = re.compile(r"(?:\+|00?|\()[\d ()/.-]{6,}\d")
_PHONE_NAME = re.compile(r"phone|mobile|cell_?(?:no|nr|phone)|telef|handy|(?:^|[^a-z])(?:tel|fax)(?:[^a-z]|$)")
_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*)(?:\.\d*)?(?:[eE][+-]?\d+)?|[+-]?\.\d+")
_DAYS = (
    "%Y-%m-%d %Y/%m/%d %Y.%m.%d %Y%m%d %d.%m.%Y %d/%m/%Y %m/%d/%Y %d-%m-%Y %m-%d-%Y %d.%m.%y %d/%m/%y %m/%d/%y "
    "%d-%b-%Y %d-%b-%y %d%b%Y %Y-%m %m/%Y"
).split() + ["%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d. %B %Y", "%b %Y", "%B %Y"]
_TIMES = ["%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p"]
_ZONES = ["", "%z"]
FORMATS = (
    _DAYS
    + _TIMES
    + [day + gap + time + zone for day in _DAYS for time in _TIMES for gap in (" ", "T") for zone in _ZONES]
)
_PARTS = {"%Y": r"\d{4}", "%y": r"\d\d", "%b": "[A-Za-z]{3}", "%B": "[A-Za-z]{3,}", "%M": r"\d\d", "%S": r"\d\d"}
_PARTS |= {"%f": r"\d{1,9}", "%p": "[AaPp][Mm]", "%z": r"(?:Z|[+-]\d\d:?\d\d)"}


def _looks(pattern):
    """How a text by a strftime `pattern` looks, as a regular expression: far faster to try than dates are to parse."""
    regex = re.escape(pattern.replace("%Y%m%d", "%Y####")).replace(r"\#\#\#\#", r"\d{4}")
    return re.compile(re.sub("%[A-Za-z]", lambda part: _PARTS.get(part[0], r"\d{1,2}"), regex))


_LOOKS = {pattern: _looks(pattern) for pattern in FORMATS}
EARLIEST, LATEST = pd.Timestamp("1678-01-01"), pd.Timestamp("2261-12-31 23:59:59")  # what every pandas can hold


def is_no_answer(text):
    """Whether an answer says that there is none."""
    return isinstance(text, str) and bool(_NO_ANSWER.fullmatch(text.strip()))


def no_yes(texts):
    """The two `texts` in the order no, yes; None where they are another pair."""
    lower = {text.strip().lower(): text for text in texts}
    for pair in _NO_YES if len(texts) == 2 else ():
        if set(pair) == set(lower):
            return tuple(lower[word] for word in pair)
    return None


def sounds_ordered(texts):
    """Whether several of the `texts` use words of answer scales."""
    return len(texts) > 2 and sum(bool(_SCALE.search(text.replace("_", " "))) for text in texts) >= len(texts) / 2


def by_size(texts):
    """Those of `texts` that hold a number, such as <5, 5-9 and 10+, by its size."""
    found = {text: re.search(r"\d+(?:[.,]\d+)?", text) for text in texts}
    size = lambda text: float(found[text][0].replace(",", ".")) - ("<" in text) / 2 + (">" in text or "+" in text) / 2
    return sorted((text for text in texts if found[text]), key=lambda text: (size(text), text))


def names_id(name):
    """Whether a column's name says that it holds ids."""
    spaced = re.sub(r"([a-z])([A-Z])", r"\1_\2", str(name)).lower()
    return bool(_ID_NAME.search(spaced)) or bool(re.fullmatch(r"(?:resp|user|person|pat|subj|case|hh|p)\w*id", spaced))


def names_phone(name):
    """Whether a column's name says that it holds telephone numbers."""
    return bool(_PHONE_NAME.search(str(name).lower()))


def personal(name, texts):
    """What personal data the different `texts` of column `name` hold, in words; "" for none."""
    if any(_EMAIL.search(text) for text in texts):
        return "e-mail addresses"
    phones = sum(bool(_PHONE.fullmatch(text.strip())) for text in texts)
    digits = sum(sum(map(str.isdigit, text)) >= 7 for text in texts)
    if phones > len(texts) / 2 or (names_phone(name) and digits > len(texts) / 2):
        return "telephone numbers"
    return ""


def is_number(text):
    """Whether `text` is a number as programs write it: a point for decimals, no zeros in front."""
    return bool(_NUMBER.fullmatch(text.strip()))


def is_amount(text):
    """Whether `text` is a number with the sign of a currency or of per cent."""
    return bool(re.fullmatch(r"[$€£¥]\s?[\d.,]+|[\d.,]+\s?[%‰$€£¥]", text.strip()))


def is_formula(text):
    """Whether a spreadsheet would take `text` for a formula."""
    text = text.lstrip()
    return text[:1] in ("=", "@") or (text[:1] in ("+", "-") and len(text) > 1 and not re.match(r"[+-][\d\s.,-]", text))


@functools.lru_cache(4096)
def shape(text):
    """The pattern of a code: digits as 9, letters as a or A."""
    return re.sub(r"[A-Z]", "A", re.sub(r"[a-z]", "a", re.sub(r"\d", "9", text)))


def times(texts, pattern):
    """`texts` read by a strftime `pattern` as UTC times, NaT where one does not fit or is out of range."""
    found = pd.to_datetime(pd.Series(texts, dtype=object), format=pattern, errors="coerce", utc=True)
    found = found.dt.tz_localize(None)
    return found.where(found.between(EARLIEST, LATEST))


def date_formats(texts, least):
    """The patterns of `FORMATS` by which at least the share `least` of different `texts` are dates, best ones only."""
    sample = texts[:: max(1, len(texts) // 20)]
    shares = {}
    for pattern, looks in _LOOKS.items():
        if sum(bool(looks.fullmatch(text)) for text in sample) >= least * len(sample) / 2:
            shares[pattern] = times(texts, pattern).notna().mean()
    best = max(shares.values(), default=0)
    return [pattern for pattern, share in shares.items() if share == best and share >= least]
