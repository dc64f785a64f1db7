"""The course's exercises: right answers, the mistakes that learners make, and the cases on which both are probed.

``genlab.checks`` runs them. A new exercise is one entry in the file of its notebooks; a test holds every stored mistake
to its sentence.
"""

from genlab.exercises import (
    autoregressive,
    choice,
    collapse,
    failing,
    fair,
    first,
    gan,
    leak,
    more,
    question,
    sequences,
    tables,
    testing,
    two_ways,
    vae,
    words,
)
from genlab.exercises.exercise import Exercise

EXERCISES = {}
for _module in (
    first, two_ways, gan, vae, autoregressive, choice, collapse, failing, tables, leak, fair, more, testing, words, sequences,
    question,
):  # fmt: skip
    EXERCISES |= _module.EXERCISES

__all__ = ["EXERCISES", "Exercise"]
