"""A look for personal data in a table that is to be given away: how texts are written, with check digits where they have some.

It proves nothing by finding nothing, and never repeats what it found.
"""

import re
import typing

import numpy as np
import pandas as pd

from genlab.tables.reading.words import names_phone
from genlab.tables.reporting.markup import plain

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)*\.[A-Za-z]{2,}")
_PHONE = re.compile(
    r"(?<![\w.+-])(?<!\d )(?:\+\d{1,3}[ ./-]?(?:\(0?\d*\)[ ./-]?)?\d[\d ./-]{5,14}\d|\(\d{2,5}\) ?\d{2,4}[\d ./-]{2,10}\d"
    r"|\d{3}[-. ]\d{3}[-. ]\d{4}|0\d{1,5}[ /-]\d[\d ./-]{4,12}\d)(?![\w:])"
)
_DATE = re.compile(r"\d{1,4}[-./ ]\d{1,2}[-./ ]\d{2,4}(?!\d)")
_DIGITS = re.compile(r"(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])")
_SSN = re.compile(r"(?<![\w-])(?!000|666|9\d\d)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?![\w-])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_NAME = re.compile(
    r"(?:(?:Mr|Mrs|Ms|Dr|Prof|Herr|Frau|Sr|Sra|M|Mme)\.? )?([A-Z][^\W\d_]+)(?: [A-Z]\.)?(?: [A-Z][\w'’-]+){1,2}"
)
_TITLE = re.compile(r"\b(?:Mr|Mrs|Ms|Herr|Frau|Mme)\.? [A-Z][^\W\d_]+")
_GIVEN = frozenset(
    """James Mary John Patricia Robert Jennifer Michael Linda William Elizabeth David Barbara Richard Susan Joseph Jessica
    Thomas Sarah Charles Karen Christopher Nancy Daniel Lisa Matthew Betty Anthony Margaret Mark Sandra Donald Ashley Steven
    Emily Paul Donna Andrew Michelle Joshua Carol Kenneth Amanda Kevin Dorothy Brian Melissa George Deborah Edward Stephanie
    Peter Anna Hans Ursula Klaus Monika Stefan Petra Wolfgang Sabine Andreas Julia Martin Laura Sebastian Jan Maria Jose Juan
    Ana Luis Carmen Carlos Pedro Marta Javier Lucia Pablo Sofia Jean Marie Pierre Sophie Michel Claire Nicolas Camille Luca
    Giulia Marco Francesca Matteo Chiara Mohammed Fatima Ahmed Aisha Ali Omar Wei Li Ming Yuki Hiroshi Priya Raj Amit Anil
    Olga Ivan Natalia Dmitri Tatiana Sergei Emma Olivia Noah Liam Sophia Mia Lucas Alice Henry Jack Grace Oliver Lena Lukas
    Ingrid Lars Sven Astrid Bjorn Kees Pieter Willem Anneke""".split()
)


class Finding(typing.NamedTuple):
    """What a column may hold that should not be given away."""

    column: object
    what: str
    cells: int
    row: int  # the first such row, counted from 1 without the header; 0 for the header

    def __str__(self):
        where = (
            "its name" if self.row == 0 else f"{self.cells:,} cell{'s' * (self.cells != 1)}, first in row {self.row:,}"
        )
        return f"column {plain(self.column)}: {self.what} ({where})"


def scan(df):
    """Look for personal data in the cells and the headers of a table.

    E-mail addresses, telephone numbers, names of persons (a known given name and a family name, or a title), bank and
    card numbers (with their check digits) and US social security numbers. A finding never repeats what it found.

    Parameters
    ----------
    df : DataFrame

    Returns
    -------
    list of Finding
    """
    found = [Finding(name, what, 1, 0) for name in df.columns if isinstance(name, str) for what in _kinds([name])]
    for name, values in zip(df.columns, (df.iloc[:, i] for i in range(df.shape[1])), strict=True):
        there = values.dropna()
        if isinstance(values.dtype, np.dtype) and values.dtype.kind in "bfmMc" or not len(there):
            continue
        number = pd.api.types.is_numeric_dtype(values.dtype)
        codes, unique = pd.factorize(there.astype(object).map(str) if number else there.astype(object))
        texts = [text if isinstance(text, str) else "" for text in unique]
        for what, which in _kinds(texts, name).items():
            hits = np.isin(codes, which)
            first = np.flatnonzero(values.notna().to_numpy())[np.flatnonzero(hits)[0]]
            found.append(Finding(name, what, int(hits.sum()), int(first) + 1))
    return found


def _kinds(texts, name=""):
    """Kinds of personal data among different texts: name of the kind to the places of the texts."""
    looks = {
        "looks like e-mail addresses": _EMAIL.search,
        "looks like telephone numbers": _phone
        if not names_phone(name)
        else lambda text: _phone(text) or _bare_phone(text),
        "looks like names of persons": _person,
        "looks like card numbers": _card,
        "looks like bank account numbers (IBAN)": _iban,
        "looks like US social security numbers": _SSN.search,
    }
    found = {what: [i for i, text in enumerate(texts) if look(text)] for what, look in looks.items()}
    cards = found["looks like card numbers"]
    if len(cards) < sum(_DIGITS.search(text) is not None for text in texts) / 2:
        found["looks like card numbers"] = []  # one in ten of any long numbers has a right check digit
    return {what: places for what, places in found.items() if places}


def _phone(text):
    return any(sum(map(str.isdigit, hit[0])) >= 9 and not _DATE.match(hit[0]) for hit in _PHONE.finditer(text))


def _bare_phone(text):
    return re.fullmatch(r"\d{7,15}", text)


def _person(text):
    whole_cell = _NAME.fullmatch(text.strip())
    return whole_cell is not None and whole_cell[1] in _GIVEN or _TITLE.search(text) is not None


def _card(text):
    for hit in _DIGITS.finditer(_IBAN.sub("", text)):
        digits = [int(digit) for digit in hit[0] if digit.isdigit()][::-1]
        doubled = sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
        if digits[-1] in (2, 3, 4, 5, 6) and doubled % 10 == 0 and len(set(digits)) > 1:
            return True
    return False


def _iban(text):
    for hit in _IBAN.finditer(text):
        number = hit[0].replace(" ", "")
        if int("".join(str(int(letter, 36)) for letter in number[4:] + number[:4])) % 97 == 1:
            return True
    return False
