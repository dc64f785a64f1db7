"""The claims of the course, and their verdicts: always made by a run, never typed.

A notebook section ends in :func:`verdict`. What all of them say is collected on one page, ``notebooks/CLAIMS.md``,
by ``make claims``.
"""

import json
import os
import re
import textwrap

CLAIMS = {  # row: the claim, as short as it can be said
    1: "A generative model learns how data are produced and makes new data like them",
    2: "Generative and discriminative models differ in objective, output, uses and need of labels",
    3: "A GAN is a generator and a discriminator; the discriminator learns from actual samples",
    4: "A GAN learns in three steps: make, judge, improve",
    5: "GANs are strong in sharpness, diversity, complex data and control by condition",
    6: "GANs are weak in: hard training, mode collapse, opaque latent space, noisy early output, compute",
    7: "A VAE encodes to a distribution, samples a latent code and decodes it",
    8: "VAEs are strong in structured latent space, uncertainty, imputation and stable training",
    9: "VAEs are weak in: blur, limited diversity, complex training, and do not suit everything",
    10: "An autoregressive model makes one element after another and so models dependencies",
    11: "Autoregressive models are strong in sequences, interpretability, language and conditions",
    12: "Autoregressive models are weak in: no parallelism, limited context, long sequences, hunger for data",
    13: "GANs suffer from mode collapse",
    14: "GAN training is unstable",
    15: "Output is poor with too little data, too little training or too large a model",
    16: "Bias in the data is inherited by the synthetic data",
    17: "Generative models are costly to train and to deploy",
    18: "Synthetic data protect privacy: sensitive values are replaced by statistically equivalent ones",
    19: "Synthetic rows augment scarce data",
    20: "Synthetic rows repair imbalanced data, for performance and for fairness",
    21: "Synthetic data serve for testing and debugging",
    22: "Synthetic data let work go on where the real data cannot be shared",
    23: "Generative models make images: from text, art, medical images, movies, 3-D objects",
    24: "They write in a given hand and make faces with varied attributes",
    25: "They propose molecules with wanted features",
    26: "They make text, time series and audio, and recommend content",
    27: "They make survey data",
    28: "They predict probabilities of various kinds",
    29: "They find patterns without labels",
    30: "They raise the quality of the data that go into a model",
    31: "GANs generate text",
}
WIDTH = 96  # characters of a printed line
VERDICTS = {True: "holds", False: "does not", "partly": "partly", None: "not shown"}


class Unexpected(AssertionError):
    """A verdict that is not the one which the course has found before; raised under GENLAB_STRICT=1 only."""


def verdict(row, *, holds, evidence, part="", expected="holds"):
    """Print a claim's verdict, decided by numbers of this run.

    On a learner's machine an outcome that the course did not expect is a sentence. With GENLAB_STRICT=1, as in the
    project's own tests, it raises. With GENLAB_CLAIMS=FILE each verdict is also appended to that file.

    Parameters
    ----------
    row : int
        Number of the claim in `CLAIMS`.
    holds : bool, "partly" or None
        The decision, made by comparing numbers; None where it cannot be shown.
    evidence : str
        One sentence with the numbers, formatted by the notebook's code.
    part : str
        Which part of the claim, where a notebook decides only one.
    expected : "holds", "partly", "does not" or "not shown"
        What earlier runs have found.

    Raises
    ------
    ValueError
        Bad arguments, all of them listed.
    Unexpected
        Under GENLAB_STRICT=1, an outcome that is not `expected`.
    """
    if hasattr(holds, "item"):  # the comparison of two arrays or tensors
        holds = holds.item()
    problems = [] if row in CLAIMS else [f"row={row!r}: must be one of 1 to {len(CLAIMS)}"]
    if isinstance(holds, float | int) and not isinstance(holds, bool) or holds not in VERDICTS:
        problems.append(f"holds={holds!r}: must be True, False, 'partly' or None")
    if expected not in VERDICTS.values():
        problems.append(f"expected={expected!r}: must be one of {', '.join(map(repr, VERDICTS.values()))}")
    if not isinstance(evidence, str) or not evidence.strip():
        problems.append(f"evidence={evidence!r}: must be a sentence with the numbers of this run")
    if problems:
        raise ValueError("verdict: " + "; ".join(problems))
    found = VERDICTS[holds]
    about = f" ({part})" if part else ""
    for line in (f"Claim {row}: {CLAIMS[row]}{about}", f"  {found.upper()}: {evidence}"):
        print(textwrap.fill(line, WIDTH, subsequent_indent="    "))  # a notebook would break lines inside words
    if os.environ.get("GENLAB_CLAIMS"):
        with open(os.environ["GENLAB_CLAIMS"], "a", encoding="utf-8") as file:
            entry = dict(row=row, part=part, verdict=found, evidence=evidence, expected=expected)
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    if found != expected:
        text = (
            f"  This is not what happened before: expected {expected!r}, found {found!r} here. Another seed may differ."
        )
        if os.environ.get("GENLAB_STRICT") == "1":
            raise Unexpected(f"claim {row}{about}: expected {expected!r}, found {found!r}: {evidence}")
        print(text)


def page(entries, where):
    """The Markdown page of all claims: one row a claim, with every verdict found for it.

    Parameters
    ----------
    entries : list of dict
        What :func:`verdict` wrote, each with the "notebook" it came from.
    where : str
        A line that says on which machine and when.
    """
    lines = [
        "# The claims, checked",
        "",
        f"Made by `make claims` from the verdicts that the notebooks print. {where}",
        "",
        "| # | Claim | Verdict | Evidence from the run | Notebook |",
        "|---|---|---|---|---|",
    ]
    for row, claim in CLAIMS.items():
        found = [entry for entry in entries if entry["row"] == row]
        for entry in found or [dict(part="", verdict="not yet decided", evidence="", notebook="")]:
            about = f"{claim}: {entry['part']}" if entry["part"] else claim
            cells = [row, about, f"**{entry['verdict']}**", entry["evidence"], entry["notebook"]]
            lines.append("| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def decided(text):
    """What must not differ from one machine to another on a page: a set of (row, claim, verdict, notebook)."""
    lines = re.findall(r"^\| (\d+) \| (.*?) \| \*\*(.*?)\*\* \|.*\| (\d*) \|$", text, re.M)
    return {(int(row), claim, found, notebook) for row, claim, found, notebook in lines}
