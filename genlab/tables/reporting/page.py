"""The report as one page: three answers for a manager, a page for a lawyer, then every detail.

The page is a single HTML file without scripts, fonts, pictures or addresses from elsewhere; a content security policy
in its head forbids them. It only arranges what an evaluation measured, and passes no judgement that its numbers do not
carry. It says nothing about leaks where no rows were held out.
"""

import html
from pathlib import Path

from genlab.tables.reporting import markup
from genlab.tables.reporting.grades import answer
from genlab.tables.reporting.markup import interval, number, percent, text

MOST_COLUMNS = 48  # of which the page draws the distribution
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
FACTS = {
    "n_train": "real rows learned from",
    "n_fake": "synthetic rows",
    "n_holdout": "real rows held out",
    "keys": "columns an attacker may know",
    "target": "column that is predicted, or wanted by an attacker",
    "sensitive": "column of groups whose gaps were measured",
    "random_state": "seed (random_state)",
    "privacy": "privacy spent",
}
BAD = (
    "Each score was tried on tables that are bad in one known way. “Cannot catch” names those that it lets pass. No score "
    "of likeness or use notices a copy of the real rows."
)
FIRST = 12  # answers that differ most, shown at once
NOT_TESTED = (
    "an attacker who links this table with files that have other columns than these",
    "an attacker who knows other columns than those named here",
    "several synthetic tables made from the same rows, taken together",
    "an attacker who has the saved model rather than the table",
    "groups: whether something hurtful about all members of a small group can be learned",
    "the meaning of words: columns of free text are left out, and level names are published as they are",
)


def page(report):
    """The page as HTML text.

    Parameters
    ----------
    report : Report
        As :func:`genlab.tables.evaluate` makes it.
    """
    style = Path(__file__).with_name("report.css").read_text("utf-8")
    facts = report.facts
    title = f"Synthetic table: {facts['title']}" if facts.get("title") else "A synthetic table"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(markup.plain(title))} – report'
        f'</title><meta http-equiv="Content-Security-Policy" content="{POLICY}"><meta name="viewport" '
        'content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta '
        f'name="generator" content="genlab"><style>{style}</style></head><body>'
        '<header><div><p class="mark">Synthetic</p><nav aria-label="Parts"><a href="#short">In short</a><a href="#lawyer">'
        f'Leaks, for the lawyer</a><a href="#detail">In detail</a></nav></div><h1>{text(title)}</h1>{_what(facts)}</header><main>'
        f"{_short(report)}{_lawyer(report)}{_detail(report)}</main><footer><p>Made by genlab"
        f"{_made(facts)}. The rows of the table are synthetic; the numbers on this page come from comparing them with real "
        "rows.</p></footer></body></html>"
    )


def _what(facts):
    columns = facts.get("columns")
    columns = len(columns) if isinstance(columns, list | tuple | dict) else columns
    parts = [f"{number(facts.get('n_fake'))} synthetic rows"]
    parts += [f"{number(columns)} columns"] if columns is not None else []
    if facts.get("folds"):
        parts[0] = f"scores of {number(facts['folds'])} models, one a fold"
    parts += [f"learned from {number(facts.get('n_train'))} real rows"]
    held = facts.get("n_holdout")
    parts += [f"checked against {number(held)} real rows held out" if held else "no real rows held out"]
    parts += [text(str(facts["date"])[:10])] if facts.get("date") else []
    return f'<p class="what">{" · ".join(parts)}</p>'


def _short(report):
    questions = (
        ("fidelity", "Does it look like the real table?"),
        ("utility", "Do analyses give the same answers?"),
        ("leaks", "Was a leak found?"),
    )
    cards = ""
    for section, question in questions:
        word, sentence = answer(report, section)
        bars = "".join(
            f'<li><span>{text(name)}</span><span class="n">{number(row["value"])}</span>{markup.score_bar(name, row)}</li>'
            for name, row in report.scores[report.scores["section"] == section].iterrows()
        )
        bars = f'<ul class="bars">{bars}</ul>' if bars else ""
        tone = {"Yes": "good", "No": "bad", "Leak found": "bad"}.get(word, "middle")
        cards += f'<article class="card {tone}"><h3>{question}</h3><p class="answer">{word}</p><p>{sentence}</p>{bars}</article>'
    lede = report.verdicts.get("manager", "")
    notes = "".join(f"<li>{text(note, 400)}</li>" for note in report.warnings)
    notes = f'<aside><h3>Look at this first</h3><ul class="notes">{notes}</ul></aside>' if notes else ""
    return (
        f'<section id="short"><h2>In short</h2><p class="lede">{text(lede, 900)}</p><div class="cards">{cards}</div>'
        f"{markup.legend()}<p class='small'>The left end of a bar is worst, the blue bar is best. Beyond it a table is nearer "
        f"to the real rows than fresh ones are, a sign of copying; in the bars on leaks, unlike any of them.</p>{notes}</section>"
    )


def _lawyer(report):
    word, sentence = answer(report, "leaks")
    facts, attacks = report.facts, report.attacks
    keys = ", ".join(text(key) for key in facts.get("keys") or []) or "every other column: no keys were named"
    held = facts.get("n_holdout")
    items = {
        "Rows learned from": number(facts.get("n_train")),
        "Rows held out": f"{number(held)}, which the synthesizer never saw: the control of each attack"
        if held
        else "none",
        "The attacker knows": keys,
        "The attacker wants": text(facts["target"])
        if facts.get("target") is not None
        else "the columns that are hardest to guess: no target was named",
    }
    body = f"<dl>{''.join(f'<div><dt>{name}</dt><dd>{value}</dd></div>' for name, value in items.items())}</dl>"
    if held and len(attacks):
        body += _attacks(attacks)
    scores = report.scores[report.scores["section"] == "leaks"]
    if held and len(scores):
        body += f"<h3>Signs of copying</h3>{''.join(_score(name, row) for name, row in scores.iterrows())}"
    verdict = text(report.verdicts.get("lawyer") or "", 1200) if held else "Not measured: no rows were held out."
    open_ends = NOT_TESTED if held and len(attacks) else ("any attack: none was run", *NOT_TESTED)
    left = "".join(f"<li>{item};</li>" for item in open_ends[:-1]) + f"<li>{open_ends[-1]}.</li>"
    return (
        f'<section id="lawyer"><h2>Leaks, for the lawyer</h2><p class="lede">{verdict or f"{word}. {sentence}"}</p>'
        f"{body}<h3>What was not tested</h3><ul>{left}</ul><h3>What this does not "
        f"say</h3><p>{_promise(facts)} Whether this table may be given to others is a question of law and of "
        "purpose, which no score answers.</p></section>"
    )


def _promise(facts):
    """What is formally promised of the synthetic rows, and what is not."""
    if facts.get("privacy"):
        return (
            f"{text(facts['privacy'], 900)} This holds for the synthetic rows. It does not hold for this page: its scores were "
            "worked out from real rows, without noise. An attack finding nothing does not confirm it."
        )
    return (
        "No privacy budget was told to this page: take the synthesizer as not differentially private. No attack here bounds "
        "what a better attack would find."
    )


def _attacks(attacks):
    top = max(float(attacks[["high", "control_high", "naive"]].max().max()), 1e-9)
    rows = ""
    for name, row in attacks.iterrows():
        cells = {
            "n": (number(row["tries"]), number(row["successes"]), _rate(row, "rate", "low", "high"),
                  _rate(row, "control", "control_low", "control_high"), percent(row["naive"])),
            "drawn": (markup.rate_bar(name, row, top),),
            "n risk": (_rate(row, "risk", "risk_low", "risk_high"),),
            "found": ("<b>leak</b>" if row["leak"] else "none",),
        }  # fmt: skip
        cells = "".join(f'<td class="{kind}">{cell}</td>' for kind, parts in cells.items() for cell in parts)
        rows += f'<tr><th scope="row">{text(name)}</th>{cells}</tr>'
    heads = ("Attack", "Tries", "Successes", "Rate", "Control", "Naive", "Drawn", "Excess risk", "Found")
    head = "".join(
        f'<th scope="col"{" class=n" if i in (1, 2, 3, 4, 5, 7) else ""}>{name}</th>' for i, name in enumerate(heads)
    )
    said = "".join(f"<li>{text(sentence, 600)}</li>" for sentence in attacks["sentence"])
    caption = (
        "Rate: how often the attack succeeds on rows learned from (circle). Control: on rows held out (bar). Naive: by "
        "guessing without the synthetic table (square). Excess risk: what the rate adds to the control. 95 % intervals."
    )
    return (
        f'<p class="small">{caption}</p>'
        + markup.scroll(
            f'<table class="attacks"><caption class="unseen">Attacks</caption><thead><tr>{head}</tr></thead>'
            f"<tbody>{rows}</tbody></table>",
            "Attacks",
        )
        + (f'<ul class="said">{said}</ul>')
    )


def _rate(row, value, low, high):
    around = interval(row[low], row[high], percent)
    return percent(row[value]) + (f"<small>{around}</small>" if around else "")


def _score(name, row):
    refs = " · ".join(
        f"{word} {number(row[key])}"
        for key, word in (("floor", "shuffled"), ("ceiling", "fresh real rows"), ("copy", "copy"), ("ideal", "ideal"))
        if row[key] == row[key]
    )
    around = interval(row["low"], row["high"])
    return (
        f'<article class="score"><h4>{text(name)}</h4><p class="value">{number(row["value"])}<small>{around}</small></p>'
        f'<div>{markup.score_bar(name, row)}<p class="refs">{refs}</p></div><p class="meaning">{text(row["meaning"], 400)} '
        f"<span>Cannot catch: {text(row['blind'], 400)}</span></p></article>"
    )


def _detail(report):
    groups = (("fidelity", "Does it look like the real table?"), ("utility", "Do analyses give the same answers?"))
    body = f'<p class="small">{BAD}</p>'
    for section, question in groups:
        rows = report.scores[report.scores["section"] == section]
        body += f"<h3>{question}</h3>{''.join(_score(name, row) for name, row in rows.iterrows())}" if len(rows) else ""
    if len(report.answers):
        body += _answers(report.answers)
    if getattr(report, "fairness", None) is not None:
        body += _groups(report.fairness)
    body += _columns(report)
    if len(report.pairs):
        body += (
            '<h3>Pairs of columns</h3><p class="small">How well each pair of columns goes together: 1.00 is as in the real '
            f"table; the darker, the worse.</p>{markup.heat(report.pairs)}"
        )
    return (
        f'<section id="detail"><h2>In detail</h2>{body}<h3>How this was measured</h3>{_facts(report.facts)}</section>'
    )


def _groups(found):
    """Gaps between groups, and the rates that they come from."""
    return (
        f"<h3>Gaps between groups</h3><p>{text(found.sentence(), 1200)}</p>"
        + markup.table(
            found.gaps, "From real rows, from synthetic ones, and the difference with its interval.", corner="Gap"
        )
        + markup.table(
            found.groups, "Each group; yes is the share of them or, of a model, how often it says so.", corner="Group"
        )
    )


def _answers(answers):
    """The answers that differ most, and the others in a fold."""
    sides = [side for side in ("real", "fake", "holdout") if side in answers]
    words = {"real": "Real rows", "fake": "Synthetic", "holdout": "Fresh real rows"}
    heads = ["Question", *(words[side] for side in sides), "Overlap"]
    head = "".join(f'<th scope="col"{" class=n" if i else ""}>{name}</th>' for i, name in enumerate(heads))
    rows = []
    for label, row in answers.sort_values("overlap", kind="stable").iterrows():
        digits = 1 if max(abs(row[side]) for side in sides) >= 10 else 3
        show = lambda value, digits=digits: number(value, digits)
        cells = "".join(
            f'<td class="n">{show(row[side])}<small>{interval(row[f"{side}_low"], row[f"{side}_high"], show)}</small></td>'
            for side in sides
        )
        rows.append(
            f'<tr><th scope="row">{text(label, 120)}</th>{cells}<td class="n">{number(row["overlap"])}</td></tr>'
        )
    caption = (
        "The same questions, asked of real and of synthetic rows, with 95 % intervals; the least alike come first."
    )
    part = lambda rows: markup.scroll(
        f'<table class="answers"><caption class="unseen">Answers</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>",
        "Answers",
    )
    fold = f"<details><summary>{len(rows) - FIRST} more</summary>{part(rows[FIRST:])}</details>" if rows[FIRST:] else ""
    return f'<p class="small">{caption}</p>{part(rows[:FIRST])}{fold}'


def _columns(report):
    shapes = getattr(report, "shapes", None) or {}
    columns = report.columns
    if not len(columns):
        return ""
    body = markup.table(columns, "Each column, real beside synthetic.", corner="Column", most=200)
    if not shapes:
        return f"<h3>Columns</h3>{body}"
    score = next((name for name in columns.columns if "shape" in str(name)), None)
    if len(shapes) > MOST_COLUMNS and score is not None:
        worst = set(columns[score].astype(float).sort_values().index[:MOST_COLUMNS])
        shapes = {name: frame for name, frame in shapes.items() if name in worst}
    drawn = "".join(
        markup.distribution(
            name, frame, number(columns.loc[name, score]) if score is not None and name in columns.index else ""
        )
        for name, frame in list(shapes.items())[:MOST_COLUMNS]
    )
    return (
        '<h3>Columns</h3><p class="key"><i class="real"></i>real rows, a bar <i class="made"></i>synthetic rows, a '
        "cross. Shares of all rows. Values that fewer than 10 real rows hold are counted together, unless a codebook declares "
        "them.</p>"
        f'<div class="shapes">{drawn}</div>{body}'
    )


def _facts(facts):
    rows = "".join(
        f"<div><dt>{text(FACTS.get(name, str(name).replace('_', ' ')))}</dt><dd>{text(_spelled(value), 400)}</dd></div>"
        for name, value in facts.items()
    )
    return f"<dl>{rows}</dl>"


def _spelled(value):
    if isinstance(value, dict):
        return ", ".join(f"{key} {_spelled(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value) if isinstance(value, int) and abs(value) < 10_000 else number(value)
    return "none" if value is None else str(value)


def _made(facts):
    versions = facts.get("versions") or {}
    return f" {text(versions['genlab'])}" if "genlab" in versions else ""
