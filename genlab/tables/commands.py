"""What ``genlab synth`` and ``genlab report`` do: from files to files, telling each stage on standard error.

Files from others are written to a terminal without their control characters. Nothing that is there is replaced unless
asked, and that is found out before the work begins.
"""

import re
import sys
import time
from pathlib import Path

SMALL = 1000  # rows: with fewer, the synthetic file is made from all of them
FOLDS = 5  # and the method is measured by so many folds
LEAK = 3  # exit status: all was written, and a leak was found
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Stages:
    """Lines on standard error, one a stage, each with the time it took."""

    def __init__(self, stream=None):
        self.stream, self.name, self.began = stream or sys.stderr, None, 0.0

    def begin(self, name):
        self.end()
        self.name, self.began = name, time.monotonic()
        if self._live:
            self._put(f"\r\x1b[K{name} ...", clean=False)

    def tick(self, done, total):
        """Of the stage under way, `done` of `total` parts are done; told while it goes on only in a terminal."""
        self.name = re.sub(r"( \d+ of \d+)?$", f" {done} of {total}", self.name, count=1)
        if self._live:
            self._put(f"\r\x1b[K{self.name} ...", clean=False)

    def end(self):
        if self.name is not None:
            erase = "\r\x1b[K" if self._live else ""
            self._put(f"{erase}{_clean(self.name)} ({time.monotonic() - self.began:.1f} s)\n", clean=False)
        self.name = None

    def say(self, text):
        self.end()
        self._put(f"{text}\n")

    @property
    def _live(self):
        return self.stream.isatty()

    def _put(self, text, *, clean=True):
        put(_clean(text) if clean else text, self.stream)


def put(text, stream=None):
    """Write text to a stream of any encoding."""
    stream = stream or sys.stdout
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(encoding, "replace").decode(encoding))
    stream.flush()


def _clean(text):
    return _CONTROL.sub("\ufffd", text)


def synth(options):
    """``genlab synth``: a synthetic file from a real one, with its data card and a report; the exit status."""
    from genlab.tables import marking, personal
    from genlab.tables.evaluation.folds import cross_evaluate
    from genlab.tables.synthesis.synthesizer import NETWORKS, Synthesizer
    from genlab.tables.types import complain

    out, page = Path(options.out), options.report and Path(options.report)
    _free([out, Path(f"{out}.card.json"), page], options)
    marking.delimiter(out)
    private = options.method == "marginals"
    model = Synthesizer(
        options.method, epsilon=options.epsilon, delta=options.delta, min_leaf=options.min_leaf, prior=options.prior,
        random_state=None if private else options.seed,  # who knows the seed can take the noise away
    )  # fmt: skip
    model.check_knobs()
    undeclared = (
        "method='marginals' must not look at the rows for its types: give --types FILE, written by Types.to_json"
    )
    complain("synth", [undeclared] if private and options.types is None else [])
    stages = Stages()
    df, types = _read(stages, options.real, options.types)
    put("".join(f"{_clean(line)}\n" for line in [repr(types), *(f"look at {warning}" for warning in types.warnings)]))
    keys = _named(df, options)
    train, holdout = _parts(df, options)
    small = len(df) < SMALL and not private  # each fold would spend the budget again
    learned = df if small or (private and page is None) else train
    stages.begin(
        f"fitting {options.method} to {len(learned):,} rows: {'epoch' if model.method in NETWORKS else 'column'}"
    )
    model.fit(learned, types=types, progress=stages.tick)
    if options.method in NETWORKS and model.stopped_:  # a half-learned table must not be taken for a whole one
        raise ValueError(f"{options.method} ended before its time ({model.stopped_}): nothing is written")
    rows = options.rows or len(df)
    stages.begin(f"sampling {rows:,} rows")
    fake = model.sample(rows)
    stages.begin("looking for personal data")
    findings = personal.scan(fake) + ([] if options.escape_formulas else marking.formulas(fake))
    which = _which(df, train, holdout, small)
    stages.begin(f"writing {out}")
    card = marking.card(fake, model, findings=findings, measured_on="not measured")
    marking.write_csv(fake, out, card=card, escape_formulas=options.escape_formulas)
    stages.end()
    for finding in findings:
        stages.say(f"look at {finding}")
    if model.left_out_:
        stages.say(f"left out as free text: {', '.join(map(str, model.left_out_))}")
    if page is None:
        put(f"{out} is written. No report was asked for, so nothing is known about leaks: add --report report.html\n")
        return 0
    if small:
        stages.begin("measuring the method: fold")
        report = cross_evaluate(
            model, df, types=types, folds=FOLDS, target=options.target, keys=keys, random_state=options.seed,
            progress=stages.tick,
        )  # fmt: skip
    else:
        spent = model.privacy_spent() if private else None
        report = _evaluate(stages, train, fake, holdout, types, keys, options, privacy=spent)
    report.facts.update(title=out.name, measured_on=which)
    if options.method == "trees":
        report.facts["min_leaf"] = model.min_leaf_
    report.warnings[:0] = ([which] if small else []) + [f"look at {finding}" for finding in findings]
    card = marking.card(fake, model, report=report, findings=findings, measured_on=which)
    marking.write_csv(fake, out, card=card, escape_formulas=options.escape_formulas)
    return _finish(stages, report, page, f"{out} ({len(fake):,} rows), {out}.card.json")


def report(options):
    """``genlab report``: what two files have in common, and whether one leaks the other; the exit status."""
    from genlab.tables.types import Types

    page = Path(options.out)
    _free([page], options)
    stages = Stages()
    df, types = _read(stages, options.real, options.types)
    keys = _named(df, options)
    kept = Types(column for column in types.values() if column.kind != "text")  # which synthetic tables leave out
    fake, _ = _read(stages, options.synthetic, kept)
    holdout = _read(stages, options.holdout, types)[0] if options.holdout else None
    found = _evaluate(stages, df, fake, holdout, types, keys, options)
    found.facts["title"] = Path(options.synthetic).name
    return _finish(stages, found, page, "")


def _read(stages, path, types):
    from genlab.tables.reading.reading import read

    stages.begin(f"reading {path} and guessing its types" if types is None else f"reading {path}")
    df, types = read(path, types=types)
    stages.name = f"reading {path}: {len(df):,} rows, {df.shape[1]} columns"
    stages.end()
    return df, types


def _named(df, options):
    """The keys, after they and the target have been looked up in the table."""
    from genlab.tables.types import complain

    keys = [key.strip() for key in options.keys.split(",") if key.strip()] if options.keys else None
    asked = [("--target", options.target), ("--sensitive", options.sensitive), *(("--keys", key) for key in keys or [])]
    there = ", ".join(map(str, df.columns[:30]))
    complain(
        str(options.real),
        [
            f"{option} {name}: no such column; there are {there}"
            for option, name in asked
            if name is not None and name not in df
        ],
    )
    return keys


def _parts(df, options):
    from genlab.tables.splitting import split

    return split(df, holdout=options.holdout, random_state=options.seed)


def _which(df, train, holdout, small):
    """Which rows the file and which the scores come from, in a sentence."""
    if small:
        return (
            f"The scores are of the method, measured by {FOLDS} folds: {FOLDS} models, each fitted to {100 - 100 // FOLDS} % of "
            f"the {len(df):,} real rows and measured with the others. The file comes from a model fitted in the same way "
            f"to all {len(df):,}, for which no row was held out."
        )
    return (
        f"The file and the scores come from one model, fitted to {len(train):,} of the {len(df):,} real rows; "
        f"the other {len(holdout):,} were held out."
    )


def _evaluate(stages, train, fake, holdout, types, keys, options, *, privacy=None):
    from genlab.tables.evaluation.evaluation import evaluate

    stages.begin("measuring: likeness, analyses" + ("" if holdout is None else ", attacks"))
    return evaluate(
        train, fake, holdout=holdout, target=options.target, keys=keys, sensitive=options.sensitive,
        favourable=options.favourable, types=types, privacy=privacy, random_state=options.seed,
    )  # fmt: skip


def _finish(stages, found, page, written):
    from genlab.tables.reporting.grades import answer
    from genlab.tables.reporting.report import write

    stages.end()
    write(found, page)
    stages.end()
    questions = {"fidelity": "Looks like the real table", "utility": "Same answers", "leaks": "Leaks"}
    for section, question in questions.items():
        word, sentence = answer(found, section)
        put(f"{question}: {word}. {_clean(_bare(sentence))}\n")
    if found.fairness is not None:
        put(f"{_clean(found.fairness.sentence())}\n")
    put(f"Written: {f'{written}, ' if written else ''}{page}\n")
    return LEAK if len(found.attacks) and found.attacks["leak"].astype(bool).any() else 0


def _bare(sentence):
    import html

    return html.unescape(re.sub("<[^>]*>", "", sentence)).replace("\xa0", " ")


def _free(paths, options):
    """Complain about files that would be replaced, folders that are not there, and a file that would be its own source."""
    from genlab.tables.types import complain

    paths = [path for path in paths if path]
    read = [getattr(options, name, None) for name in ("real", "synthetic", "holdout", "types")]
    sources = {Path(source).resolve() for source in read if isinstance(source, str)}
    problems = [f"{path} would replace a file that is read" for path in paths if path.resolve() in sources]
    if not problems and not options.force:
        problems = [
            f"{path} is there already: give another name, or --force to replace it" for path in paths if path.exists()
        ]
    problems += [f"there is no folder {path.parent}: make it first" for path in paths if not path.parent.is_dir()]
    if len({path.resolve() for path in paths}) < len(paths):
        problems.append("two of the files to write have the same name")
    complain("files to write", problems)
