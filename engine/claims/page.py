"""All claims on one page of HTML that needs nothing else: figures inside, no script, no network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from math import inf

import pandas as pd

from engine.claims.claim import SHARES, Drawn, Judged, OfKind, Standing, record_of
from engine.plots.files import picture
from engine.plots.grammar import Drawing, Figure
from engine.plots.standing import BAD, BESIDE, DECIDES, GOOD, PAPER, intervals
from engine.version import __version__
from engine.words import capitalised, duration

STYLE = """
:root { color-scheme: light }
body { font: 16px/1.5 'Source Sans 3', Helvetica, Arial, sans-serif; color: #1b2a33; background: #fff;
  max-width: 60rem; margin: 0 auto; padding: 1rem }
h1, h2, h3 { line-height: 1.2 } h2 { margin-top: 3rem; border-top: 1px solid #ccd; padding-top: 1.5rem }
table { border-collapse: collapse; width: 100%; font-size: 14px }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid #dde }
code { font-size: 12.5px; overflow-wrap: anywhere } figure { margin: 1rem 0 }
figure svg { max-width: 100%; height: auto } figcaption, small { color: #50606a; font-size: 14px }
.scroll { overflow-x: auto } .verdict { font-weight: 600; white-space: nowrap }
.holds { color: #00695f } .holds-partly { color: #7a6a00 } .does-not-hold { color: #a83360 }
.not-measured { color: #50606a }
"""

COLUMNS = {"what": "", "paper": "Paper", "here": "Here (95 % interval)"}


WITHIN = {"%": (0.0, 100.0), "points": (-100.0, 100.0)}
"""Where an axis ends, by the unit; that of others at 0, unless a value lies beyond, as differences do."""

Rows = tuple[pd.DataFrame, str, dict[str, float], bool, tuple[float, float]]


def standing_rows(standing: Standing) -> Rows | None:
    """What `intervals` draws: the quantity of every trial that was measured; None where none was."""
    claim = standing.claim
    scale = 100 if claim.unit in SHARES else 1
    rows = [
        {
            "trial": one.trial.title,
            "what": DECIDES if one is standing.deciding else BESIDE,
            **{name: scale * getattr(one.reading, name) for name in ("value", "low", "high")},
            "n": one.reading.count,
        }
        for one in standing.trials
        if one.reading
    ]
    if not rows:
        return None
    if claim.number is not None:
        paper = scale * claim.number
        rows.append(
            {"trial": PAPER, "what": PAPER, "value": paper, "low": paper, "high": paper, "n": 0}
        )
    limits = {GOOD: scale * claim.rule.good, BAD: scale * claim.rule.bad}
    within = WITHIN.get(claim.unit, (0.0, inf))
    return pd.DataFrame(rows), f"Measured ({claim.unit})", limits, claim.rule.lower, within


def paper_figures(standing: Standing, of_kind: OfKind) -> list[tuple[str, Figure]]:
    """The paper's figures from our records, each with its title."""
    found = (_drawn_from(one, standing, of_kind) for one in standing.claim.drawn)
    return [one for one in found if one]


def _drawn_from(one: Drawn, standing: Standing, of_kind: OfKind) -> tuple[str, Figure] | None:
    """One of them: of its own experiment, or of the first trial that was measured."""
    if one.spec:
        record = record_of(one.spec, of_kind(one.spec.kind))
        return (f"{one.title}: {one.spec.words()}", one.draw(record.result)) if record else None
    told = standing.told
    return (f"{one.title}: {told.trial.title}", one.draw(told.results[0])) if told else None


def as_html(standings: Sequence[Standing], of_kind: OfKind) -> str:
    """The whole page; claims that their deciding trial measured come first."""
    standings = sorted(standings, key=lambda one: one.deciding.reading is None)
    body = [
        "<h1>The paper, claim by claim</h1>",
        "<p>Vrabel, Shem-Ur, Oz and Krueger, 2024: <em>Input Space Mode Connectivity in Deep Neural "
        "Networks</em>. Each verdict follows from the records named with it, by a rule that was written "
        "before they were computed. The first line of each table decides; the others show what changes with "
        "the network, the pictures or the settings.</p>",
        _overview(standings),
        *(_section(one, of_kind) for one in standings),
        f"<p><small>Isthmus {__version__}</small></p>",
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Does it hold?</title><style>{STYLE}</style></head><body>{''.join(body)}</body></html>"
    )


def _overview(standings: Sequence[Standing]) -> str:
    rows = [
        [
            f'<a href="#{one.claim.name}">{escape(one.claim.title)}</a>',
            escape(one.claim.where),
            escape(one.words),
            _verdict(one.verdict),
        ]
        for one in standings
    ]
    return _table(("Claim", "Where", "Here", "Verdict"), rows)


def _section(standing: Standing, of_kind: OfKind) -> str:
    claim = standing.claim
    parts = [
        f'<h2 id="{claim.name}">{escape(claim.title)}: {_verdict(standing.verdict)}</h2>',
        f"<p>{escape(claim.sentence)} <small>{escape(claim.where)}</small></p>",
        f"<p><b>The paper:</b> {escape(claim.paper)}</p>",
        f"<p><b>What decides:</b> {escape(claim.rule_words)}</p>",
    ]
    if measured := standing_rows(standing):
        parts.append(_figure("Every network on which it was measured", intervals(*measured)[0]))
    parts.append(_trials(standing.trials))
    parts += [_figure(title, drawn[0]) for title, drawn in paper_figures(standing, of_kind)]
    for one in standing.trials:
        if one.reading and claim.numbers:
            rows = [[escape(row[name]) for name in COLUMNS] for row in claim.numbers(one.results)]
            parts += [f"<h3>{escape(one.trial.title)}</h3>", _table(COLUMNS.values(), rows)]
            break
    return "".join(parts)


def _trials(trials: Sequence[Judged]) -> str:
    """Every trial: what was found, how it counts, what it cost, and the commands that compute it again."""
    rows = []
    for one in trials:
        seconds, device = one.cost
        cost = f"{duration(seconds)} on {device}" if one.records else "–"
        keys = " ".join(record.key[:8] for record in one.records)
        commands = "<br>".join(f"<code>{escape(words)}</code>" for words in one.trial.commands)
        words = " ".join(filter(None, (one.trial.note, one.dated)))
        rows.append(
            [
                f"{escape(one.trial.title)}<br><small>{escape(words)}</small>",
                escape(one.words),
                _verdict(one.verdict),
                f"{escape(cost)}<br><small>{keys}</small>",
                f"<details><summary>{len(one.trial.specs)}</summary>{commands}</details>",
            ]
        )
    return _table(("Pictures, network", "Here", "Verdict", "Cost, record", "Commands"), rows)


def _figure(title: str, chart: Drawing) -> str:
    svg = picture(chart, "svg").decode()
    return f"<figure>{svg}<figcaption>{escape(title)}</figcaption></figure>"


def _table(heads: Iterable[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _verdict(words: str) -> str:
    name = words.replace(" ", "-")
    return f'<span class="verdict {name}">{capitalised(words)}</span>'
