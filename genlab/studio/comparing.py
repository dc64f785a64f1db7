"""Finished models side by side: scores between floor and ceiling, the worst attack, leaks, gaps between groups."""

import numpy as np

SHOWN = ("pair trends", "discriminator AUC", "train synthetic, test real", "same answers")


def compared(made):
    """The results side by side: (head, a list of cells by line)."""
    scores = [name for name in SHOWN if all(name in one.report.scores.index for one in made)]
    head = [dict(name=name, help=str(made[0].report.scores.loc[name, "meaning"])) for name in scores]
    head += [
        dict(name="worst attack", help="The greatest risk that an attack found, and what is not ruled out"),
        dict(name="leaks found", help="Attacks that did better on rows learned from than chance explains"),
    ]
    gaps = [one for one in made if one.report.fairness is not None]
    head += [dict(name="gap most widened", help="By how much, and which gap between groups")] if gaps else []
    return head, [_cells(one, scores, bool(gaps)) for one in made]


def _cells(one, scores, gaps):
    cells = []
    for name in scores:
        row = one.report.scores.loc[name]
        low, high, value = (float(row[key]) for key in ("floor", "ceiling", "value"))
        far = (value - low) / (high - low) if np.isfinite(high - low) and abs(high - low) > 1e-9 else None
        far = far if far is not None and np.isfinite(far) else None
        cells.append(dict(text=f"{value:.3f} ({low:.2f} to {high:.2f})", at=far))
    attacks = one.report.attacks
    worst = attacks.loc[attacks["risk"].astype(float).idxmax()]
    leaks = int(attacks["leak"].astype(bool).sum())
    cells.append(dict(text=f"{worst['risk']:.0%} (up to {attacks['risk_high'].max():.0%})"))
    cells.append(dict(text=f"{leaks} of {len(attacks)}", tone="bad" if leaks else ""))
    if gaps:
        found = one.report.fairness
        cells.append(dict(text="–" if found is None else _widest(found.gaps)))
    return cells


def _widest(gaps):
    more = gaps["more"].astype(float)
    return "–" if more.isna().all() else f"{more.max():+.2f} ({more.idxmax()})"
