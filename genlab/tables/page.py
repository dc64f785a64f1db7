"""The report as one page: three answers for a manager, a page for a lawyer, then every detail.

The page is a single HTML file without scripts, fonts, pictures or addresses from elsewhere; a content security policy
in its head forbids them. It only arranges what an evaluation measured, and passes no judgement that its numbers do not
carry. It says nothing about leaks where no rows were held out.
"""

import html
import math
from pathlib import Path

from genlab.tables import markup
from genlab.tables.markup import interval, number, percent, text

MOST_COLUMNS = 48  # of which the page draws the distribution
GRADES = ((0.9, "Yes"), (0.7, "Mostly"), (0.4, "In part"), (-math.inf, "No"))
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
FACTS = {
    "n_train": "real rows learned from",
    "n_fake": "synthetic rows",
    "n_holdout": "real rows held out",
    "keys": "columns an attacker may know",
    "target": "column that is predicted, or wanted by an attacker",
    "random_state": "seed (random_state)",
}
NOT_TESTED = (
    "an attacker who links this table with other files about the same persons",
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


def grade(rows):
    """How near the weakest of some scores comes to fresh real rows.

    Each score's distance from its ideal is set between that of shuffled columns (0) and of fresh real rows (1); where
    those two hardly differ, 0.1 of the score counts as the whole way.

    Returns
    -------
    word : str
        Yes, Mostly, In part, No; "Not measured" where there is no score.
    name : str or None
        The weakest score.
    part : float
        Its place; 1 and above counts as 1.
    """
    places = {}
    for name, row in rows.iterrows():
        ideal = row["ideal"] if row["ideal"] == row["ideal"] else row["ceiling"]
        if row["value"] == row["value"] and ideal == ideal:
            best = abs(row["ceiling"] - ideal) if row["ceiling"] == row["ceiling"] else 0.0
            span = abs(row["floor"] - ideal) - best
            short = abs(row["value"] - ideal) - best
            places[name] = 1 - short / (span if span > 0.02 else 0.1)
    if not places:
        return "Not measured", None, math.nan
    name = min(places, key=places.get)
    part = max(0.0, min(1.0, places[name]))
    return next(word for least, word in GRADES if part >= least), name, part


def answer(report, section):
    """The word and the sentence (as HTML) that answer a section's question."""
    if section == "leaks":
        return _leak_answer(report)
    rows = report.scores[report.scores["section"] == section]
    word, name, part = grade(rows)
    if name is None:
        return word, "No score of this kind was asked for."
    row = rows.loc[name]
    ends = f"shuffled columns ({number(row['floor'])}) to fresh real rows ({number(row['ceiling'])})"
    if row["ceiling"] != row["ceiling"]:
        ends = f"shuffled columns ({number(row['floor'])}) to the ideal ({number(row['ideal'])}; no real rows were held out)"
    if (
        row["floor"] != row["floor"]
        or abs(abs(row["floor"] - row["ideal"]) - abs(row["ceiling"] - row["ideal"])) <= 0.02
    ):
        beside = f"fresh real rows {number(row['ceiling'])}" if row["ceiling"] == row["ceiling"] else "no rows held out"
        return word, f"Weakest score: {text(name)}, {number(row['value'])} ({beside})."
    return (
        word,
        f"Weakest score: {text(name)}, {number(row['value'])}, which is {percent(part, 0)} of the way from {ends}.",
    )


def _leak_answer(report):
    attacks = report.attacks
    if not report.facts.get("n_holdout"):
        return "Not measured", "No rows were held out, so this page says nothing about leaks."
    if not len(attacks):
        return "Not measured", "No attack was run."
    tries = f"{int(attacks['tries'].sum()):,} tries of {len(attacks)} attack{'s' * (len(attacks) != 1)}"
    found = attacks[attacks["leak"].astype(bool)]
    if len(found):
        worst = found.loc[found["risk"].astype(float).idxmax()]
        names = ", ".join(text(name) for name in found.index)
        return "Leak found", (
            f"{names} succeeded more often on the rows learned from than on rows held out, by up to {percent(worst['risk'])} "
            f"({interval(worst['risk_low'], worst['risk_high'], percent)}); {tries}."
        )
    high = attacks["risk_high"].astype(float).max()
    return (
        "None found",
        f"No leak found by these attacks, {tries}; an excess risk of up to {percent(high)} is not ruled out.",
    )


def _what(facts):
    columns = facts.get("columns")
    columns = len(columns) if isinstance(columns, list | tuple | dict) else columns
    parts = [f"{number(facts.get('n_fake'))} synthetic rows"]
    parts += [f"{number(columns)} columns"] if columns is not None else []
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
        f"{markup.legend()}<p class='small'>On each bar the right is better, up to the blue bar; beyond it a table is nearer to "
        f"the real rows than fresh ones are, which is a sign of copying.</p>{notes}</section>"
    )


def _lawyer(report):
    word, sentence = answer(report, "leaks")
    facts, attacks = report.facts, report.attacks
    keys = ", ".join(text(key) for key in facts.get("keys") or []) or "none named"
    held = facts.get("n_holdout")
    items = {
        "Rows learned from": number(facts.get("n_train")),
        "Rows held out": f"{number(held)}, which the synthesizer never saw: the control of each attack"
        if held
        else "none",
        "The attacker knows": keys,
        "The attacker wants": text(facts["target"]) if facts.get("target") is not None else "no column named",
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
        "say</h3><p>The synthesizer is not differentially private: no privacy budget was set or spent, and no attack here "
        "bounds what a better attack would find. Whether this table may be given to others is a question of law and of "
        "purpose, which no score answers.</p></section>"
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
    said = "".join(f"<li><b>{text(name)}.</b> {text(row['sentence'], 600)}</li>" for name, row in attacks.iterrows())
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
    body = ""
    for section, question in groups:
        rows = report.scores[report.scores["section"] == section]
        body += f"<h3>{question}</h3>{''.join(_score(name, row) for name, row in rows.iterrows())}" if len(rows) else ""
    if len(report.answers):
        body += markup.table(
            report.answers, "The same questions, asked of real and of synthetic rows.", corner="Question"
        )
    body += _columns(report)
    if len(report.pairs):
        body += (
            '<h3>Pairs of columns</h3><p class="small">How well each pair of columns goes together: 1.00 is as in the real '
            f"table; the darker, the worse.</p>{markup.heat(report.pairs)}"
        )
    return (
        f'<section id="detail"><h2>In detail</h2>{body}<h3>How this was measured</h3>{_facts(report.facts)}</section>'
    )


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
