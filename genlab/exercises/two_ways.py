"""Exercises of notebook 01: generative and discriminative models."""

import torch

from genlab.exercises.exercise import Exercise, probe_value


def _of_labels(joint):
    return joint / joint.sum(1, keepdim=True)


_KNOWN = torch.tensor([12.0, 3.0, 8.5, -2.0, 10.0, 5.5, 7.0, 9.0, 6.0, 11.0, 4.0])
EXERCISES = {
    "two_ways.bayes": Exercise(
        answer=lambda log_p, log_prior: (log_p + log_prior).softmax(1),
        mistakes={
            "The prior is missing: a rare label needs better evidence than a common one; add its logarithm.": lambda log_p, log_prior: (
                log_p.softmax(1)
            ),
            "You subtract the log-prior, so that rare labels are favoured; the rule multiplies, which adds logarithms.": lambda log_p, log_prior: (
                (log_p - log_prior).softmax(1)
            ),
            "You multiply two logarithms; to multiply the densities by the priors, add the logarithms.": lambda log_p, log_prior: (
                (log_p * log_prior).softmax(1)
            ),
            "You add densities and priors; the rule multiplies them, which adds their logarithms.": lambda log_p, log_prior: (
                _of_labels(log_p.exp() + log_prior.exp())
            ),
            "Yours is normalised over the rows; the labels of one row are what adds up to 1: dim 1.": lambda log_p, log_prior: (
                (log_p + log_prior).softmax(0)
            ),
            "That is log p(x, y), the numerator's logarithm; it still has to be divided by p(x): softmax does it.": lambda log_p, log_prior: (
                log_p + log_prior
            ),
            "That is log p(x), the denominator's logarithm: the sum over the labels, which no longer says which label.": lambda log_p, log_prior: (
                (log_p + log_prior).logsumexp(1)
            ),
            "That is the logarithm of the answer: softmax instead of log_softmax.": lambda log_p, log_prior: (
                log_p + log_prior
            ).log_softmax(1),
            "That is the likeliest label; return how likely each of them is.": lambda log_p, log_prior: (
                log_p + log_prior
            ).argmax(1),
            "That is the least likely label; return how likely each of them is.": lambda log_p, log_prior: (
                log_p + log_prior
            ).argmin(1),
            "The sign is turned: a low log-density would make a label likely.": lambda log_p, log_prior: (
                -(log_p + log_prior)
            ).softmax(1),
            "Right on paper, but exp of such numbers is 0 or infinite: stay in logarithms and let softmax do it.": lambda log_p, log_prior: (
                _of_labels((log_p + log_prior).exp())
            ),
        },
        probe=probe_value,
        cases=[
            ("labels alike", (torch.tensor([[0.0, 1.0], [2.0, -1.0]]), torch.tensor([0.5, 0.5]).log())),
            (
                "one label rare",
                (torch.tensor([[0.0, 1.0, 0.5], [2.0, 2.0, 2.0]]), torch.tensor([0.9, 0.02, 0.08]).log()),
            ),
            ("images far from all", (torch.tensor([[-900.0, -903.0], [300.0, 301.0]]), torch.tensor([0.3, 0.7]).log())),
        ],
    ),
    "two_ways.unusual": Exercise(
        answer=lambda log_p, known, share: log_p < known.quantile(share),
        mistakes={
            "You mark the likely rows; an unusual one has a low log p.": lambda log_p, known, share: (
                log_p > known.quantile(share)
            ),
            "You mark the likeliest rows; an unusual one has a low log p.": lambda log_p, known, share: (
                log_p > known.quantile(1 - share)
            ),
            "The threshold is at the wrong end: nearly all of the known rows would be marked too.": lambda log_p, known, share: (
                log_p < known.quantile(1 - share)
            ),
            "Your threshold comes from the new rows: the same share of them is marked, however odd or usual they are.": lambda log_p, known, share: (
                log_p < log_p.quantile(share)
            ),
            "You go a share of the way from the lowest to the highest value; asked is a share of the rows: a quantile.": lambda log_p, known, share: (
                log_p < known.min() + share * (known.max() - known.min())
            ),
            "You compare log p with the share itself; log p of an image is no share, its place among known rows is one.": lambda log_p, known, share: (
                log_p < torch.as_tensor(share).log()
            ),
            "You compare log p with the share as it is; the share is one of rows, so take the quantile of the known ones.": lambda log_p, known, share: (
                log_p < share
            ),
            "You mark only what is less likely than every known row, and allow no false alarm: take the quantile.": lambda log_p, known, share: (
                log_p < known.min()
            ),
            "You mark what lies below the average; that would be about half of the known rows.": lambda log_p, known, share: (
                log_p < known.mean()
            ),
            "That is the threshold; now say of each new row whether it lies below.": lambda log_p, known, share: (
                known.quantile(share)
            ),
            "You mark the known rows; mark the new ones.": lambda log_p, known, share: known < known.quantile(share),
        },
        probe=probe_value,
        cases=[
            ("usual and odd rows", (torch.tensor([5.2, -40.0, 8.0, 2.9, 30.0, -1.9, -2.1]), _KNOWN, 0.1)),
            ("none odd", (torch.tensor([5.2, 6.1, 8.0]), _KNOWN, 0.1)),
            ("all odd", (torch.tensor([-40.0, -300.0, -7.0, -8.0]), _KNOWN, 0.1)),
            ("a larger share", (torch.tensor([5.2, 4.6, 8.0, 9.8, 3.1, 11.5]), _KNOWN, 0.4)),
        ],
    ),
}
