"""Every check accepts its own answer, and names each of its stored mistakes."""

import pytest
import torch
from torch.nn.functional import softplus

from genlab import checks
from genlab.exercises import EXERCISES

MISTAKES = [(name, idea) for name, exercise in EXERCISES.items() for idea in exercise.mistakes]


@pytest.mark.parametrize("name", EXERCISES)
def test_the_answer_passes_every_probe(name):
    passed, text = checks.examine(name, EXERCISES[name].answer)
    assert passed is True and "right, on all" in text


@pytest.mark.parametrize(("name", "idea"), MISTAKES)
def test_a_known_mistake_is_named(name, idea):
    passed, text = checks.examine(name, EXERCISES[name].mistakes[idea])
    assert passed is False
    assert idea in text and "should be" in text


@pytest.mark.parametrize("name", EXERCISES)
def test_an_unanswered_exercise_says_so(name):
    pair = "least" in name or "hinge" in name
    nothing = lambda *_: None  # noqa: E731

    def raises(*_):
        raise NotImplementedError

    for answer in (None, ..., (nothing, nothing) if pair else nothing, (raises, raises) if pair else raises):
        passed, text = checks.examine(name, answer)
        assert passed is None
        assert text.startswith(f"{name}: not attempted")


def test_an_unknown_mistake_shows_both_numbers_and_never_raises():
    passed, text = checks.examine("gan.generator_loss", lambda fake: softplus(-fake).mean() * 3)
    assert passed is False
    assert "undecided scores: the loss should be 0.6931, yours is 2.079" in text
    passed, text = checks.examine("gan.generator_loss", lambda fake: fake.nonsense())
    assert passed is False and "AttributeError" in text
    passed, text = checks.examine("gan.generator_loss", lambda fake: 0.7)
    assert passed is False and "a loss is a tensor" in text


def test_a_numerically_unstable_loss_is_caught():
    naive = lambda fake: -torch.log(torch.sigmoid(fake)).mean()  # noqa: E731 - overflows for a score of -200
    passed, text = checks.examine("gan.generator_loss", naive)
    assert passed is False
    assert "write it with softplus" in text and "extreme scores" in text and "undecided" not in text


def test_unknown_exercise_lists_those_there_are():
    with pytest.raises(ValueError, match="no exercise 'gan.loss'; there are 'first.modes'"):
        checks.examine("gan.loss", None)


def test_check_prints(capsys):
    checks.check("gan.generator_loss", None)
    assert capsys.readouterr().out == "gan.generator_loss: not attempted.\n"


def test_predictions_are_kept_drawn_and_compared(capsys):
    import matplotlib.pyplot as plt

    guess = checks.predict("How many?", 5, low=0, high=8)
    ax = guess.draw(plt.figure().add_subplot())
    assert [line.get_ydata()[0] for line in ax.lines] == [5]
    guess.compare(7)
    assert "You guessed 5, it was 7: 2 apart." in capsys.readouterr().out
    none = checks.predict("How many?", None, low=0, high=8)
    assert not none.draw(plt.figure().add_subplot()).lines
    none.compare(7)
    assert "No guess" in capsys.readouterr().out
    with pytest.raises(ValueError, match="guess=9: must be a number from 0 to 8"):
        checks.predict("How many?", 9, low=0, high=8)


def test_an_answer_that_works_in_place_spoils_no_later_check():
    def in_place(scores):
        hidden = torch.ones_like(scores, dtype=torch.bool).triu(1)
        return scores.masked_fill_(hidden, -torch.inf).softmax(-1)

    assert checks.examine("autoregressive.causal", in_place)[0] is True
    assert checks.examine("autoregressive.causal", EXERCISES["autoregressive.causal"].answer)[0] is True
    spoils = lambda p, counted: p.zero_().sum()  # noqa: E731
    assert checks.examine("autoregressive.bits", spoils)[0] is False
    assert checks.examine("autoregressive.bits", EXERCISES["autoregressive.bits"].answer)[0] is True


def test_another_shape_is_told_as_such():
    kept = lambda mean, log_var: (mean.square() + log_var.exp() - 1 - log_var).sum(-1, keepdim=True) / 2  # noqa: E731
    text = checks.examine("vae.kl", kept)[1]
    assert "the prior itself: the result should be of shape (1,), yours is of shape (1, 1): an axis of length 1" in text
    twice = lambda mean, log_var: torch.zeros(2, 5)  # noqa: E731
    assert "yours is of shape (2, 5)\n" in checks.examine("vae.kl", twice)[1] + "\n"
