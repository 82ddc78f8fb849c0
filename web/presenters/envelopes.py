# SPDX-License-Identifier: EUPL-1.2
"""Envelopes of a year: figures, what they carry, what is left; one credit with its form, its history and its lines."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from reports.charts import Chart, Row, bar_chart
from reports.sheet import Cell, Column, Kind, Sheet
from reports.summary.words import Words
from rules import wording
from rules.findings import Finding
from rules.themes.envelope import DEPARTEMENT, envelope_figures
from web.forms import Field, FormView, choices
from web.presenters.findings import rendered
from web.presenters.stages import line_tone, tone_of
from workflow.envelope_facts import CreditBalance
from workflow.envelopes import NOTIFIED, STATUS_LABELS, may_set_envelope
from workflow.models import Credit, Journal
from workflow.permissions import Actor
from workflow.stages import LINE_LABELS, STAGE_LABELS, LineState, Stage

TONES = {"none": "quiet", "provisional": "wait", "notified": "good"}
AMOUNTS = {"requested": "Demandé", "proposed": "Proposé", "retained": "Retenu", "granted": "Accordé"}
SORTS = ("reference", "porteur", "stage", "state", *AMOUNTS)
ZERO = Decimal(0)


def envelopes_view(
    balances: Sequence[CreditBalance], findings: Sequence[Finding], words: Words, actor: Actor
) -> dict[str, Any]:
    """The page of a year."""
    rows = [_row(balance, words, actor) for balance in balances]
    return {
        "rows": rows,
        "chart": _chart(rows),
        "findings": [rendered(one, words.names) for one in findings if one.outcome != "not_applicable"],
        "over": [row for row in rows if row["is_over"]],
        "overcommitted": [row for row in rows if row["is_overcommitted"]],
        "has_forecasts": any(row["figures"].forecast for row in rows),
    }


def _row(balance: CreditBalance, words: Words, actor: Actor) -> dict[str, Any]:
    figures, credit = envelope_figures(balance.facts), balance.credit
    amount = None if figures.held_by == DEPARTEMENT else figures.amount
    return {
        "credit": credit,
        "label": words.line(credit.code),
        "name": credit.label,
        "is_shared": figures.held_by == DEPARTEMENT,
        "status": STATUS_LABELS[figures.status],
        "tone": TONES[figures.status],
        "figures": figures,
        "requested": balance.requested,
        "expected": balance.expected,
        "left_after": None if amount is None else amount - balance.expected,
        "is_over": bool(figures.exceeded),
        "is_overcommitted": bool(figures.overcommitted) and not figures.exceeded and figures.forecast > 0,
        "will_be_over": amount is not None and not figures.exceeded and balance.expected > amount,
        "may_edit": may_set_envelope(actor, credit),
    }


def _chart(rows: Sequence[dict[str, Any]]) -> Chart | None:
    """What is committed, only proposed, and free, of the envelopes whose amount is known."""
    drawn: list[Row] = []
    for row in rows:
        amount = None if row["is_shared"] else row["figures"].amount
        if amount is None:
            continue
        committed, expected = row["figures"].committed, row["expected"]
        free = max(ZERO, amount - max(committed, expected))
        share = wording.percent(float(committed / amount), 0) if amount else "—"
        parts = [committed, max(ZERO, expected - committed), free]
        drawn.append((row["label"], parts, f"{share} sur {wording.euros(amount)}"))
    if not drawn:
        return None
    said = "\u00a0; ".join(f"{label}\u00a0: {figure} engagés" for label, _, figure in drawn)
    series = ("Engagé", "Proposé ou prévu, pas encore retenu", "Disponible")
    return bar_chart("enveloppes-engagees", "Consommation des enveloppes", f"{said}.", drawn, series=series)


def envelopes_sheet(rows: Sequence[dict[str, Any]], year: int) -> Sheet:
    """The same table as a sheet."""
    euros = [
        Column(label, Kind.EUROS, 15, total=label not in ("Disponible", "Reste si tout est retenu"))
        for label in (
            "Enveloppe", "Demandé", "Proposé", "Retenu", "Accordé", "Engagé", "Disponible", "Prévu par des CPO",
            "Reste si tout est retenu",
        )
    ]  # fmt: skip
    columns = (Column("Crédit", width=36), Column("Libellé", width=36), Column("Statut", width=12), *euros)
    cells: list[tuple[Cell, ...]] = [
        (
            row["label"],
            row["name"],
            row["status"],
            row["figures"].amount,
            row["requested"],
            row["figures"].proposed,
            row["figures"].retained,
            row["figures"].granted,
            row["figures"].committed,
            row["figures"].remaining,
            row["figures"].forecast,
            row["left_after"],
        )
        for row in rows
    ]
    return Sheet("Enveloppes", f"Enveloppes {year}", columns, cells)


def credit_view(
    balance: CreditBalance,
    history: Sequence[Journal],
    names: Mapping[str, str],
    lines: Sequence[Any],
    held: Sequence[Any],
    words: Words,
    actor: Actor,
    year: int,
    sort: str,
) -> dict[str, Any]:
    """The page of one credit in one year; `held`: what CPO forecast on it."""
    row = _row(balance, words, actor)
    ordered, name, descending = sorted_lines(lines, sort)
    return {
        "row": row,
        "sort": f"-{name}" if descending else name,
        "form": _form(balance, year) if row["may_edit"] and not row["is_shared"] else None,
        "past": [_past(line, names) for line in reversed(history)],
        "lines": [_line(line) for line in ordered],
        "held": held,
        "totals": {key: _total(lines, key) for key in AMOUNTS},
        "heads": [
            _head(key, label, name, balance.credit, year, descending=descending) for key, label in _HEADS
        ],
    }


_HEADS = (
    ("reference", "Dossier"),
    ("porteur", "Porteur"),
    ("stage", "Étape"),
    ("state", "Ligne"),
    *AMOUNTS.items(),
)


def _form(balance: CreditBalance, year: int) -> FormView:
    envelope = balance.envelope
    status = envelope.status if envelope else "none"
    amount = f"{envelope.amount:.2f}".replace(".", ",") if envelope and envelope.amount is not None else ""
    was_notified = status == NOTIFIED
    return FormView(
        f"/enveloppes/{balance.credit.id}/{year}",
        "Enregistrer l’enveloppe",
        (
            Field("status", "Enveloppe", "choice", (status,), choices=choices(STATUS_LABELS)),
            Field("amount", "Montant", "amount", (amount,), hint="vide si l’enveloppe est inconnue"),
            Field(
                "reason",
                "Motif",
                "text",
                required=was_notified,
                hint="Pour changer un montant notifié." if was_notified else "facultatif",
            ),
        ),
        version=envelope.version if envelope else 0,
    )


def _past(line: Journal, names: Mapping[str, str]) -> dict[str, Any]:
    before, after = line.details.get("before", {}), line.details.get("after", {})
    return {
        "at": line.at,
        "actor": names.get(line.actor, line.actor),
        "before": _told(before),
        "after": _told(after),
        "reason": line.reason or "",
    }


def _told(figures: dict[str, Any]) -> str:
    amount = figures.get("amount")
    status = STATUS_LABELS.get(str(figures.get("status")), "inconnue")
    return status if amount is None else f"{status}, {wording.euros(Decimal(str(amount)))}"


def sorted_lines(lines: Sequence[Any], sort: str) -> tuple[list[Any], str, bool]:
    """The lines in the order of the address (`-requested`: from the largest), the column, and which way."""
    name, descending = sort.removeprefix("-"), sort.startswith("-")
    if name not in SORTS:
        name, descending = "reference", False
    empty: Any = Decimal(-1) if name in AMOUNTS else ""

    def key(line: Any) -> Any:
        found = getattr(line, name)
        return empty if found is None else found

    return sorted(lines, key=key, reverse=descending), name, descending


def _head(key: str, label: str, name: str, credit: Credit, year: int, *, descending: bool) -> dict[str, Any]:
    wanted = f"-{key}" if (key == name and not descending) or (key != name and key in AMOUNTS) else key
    return {
        "label": label,
        "address": f"/enveloppes/{credit.id}?annee={year}&tri={wanted}",
        "said": ("descending" if descending else "ascending") if key == name else "none",
        "is_figure": key in AMOUNTS,
    }


def _line(line: Any) -> dict[str, Any]:
    return {
        "row": line,
        "stage": STAGE_LABELS[Stage(line.stage)],
        "stage_tone": tone_of(line.stage),
        "state": LINE_LABELS[LineState(line.state)],
        "state_tone": line_tone(line.state),
    }


def _total(lines: Sequence[Any], key: str) -> Decimal:
    return sum((amount for line in lines if (amount := getattr(line, key)) is not None), ZERO)


def lines_sheet(lines: Sequence[Any], label: str, year: int) -> Sheet:
    """The lines of one credit as a sheet."""
    columns = (
        Column("Référence", width=16),
        Column("Intitulé", width=40),
        Column("Porteur", width=32),
        Column("Étape", width=20),
        Column("Ligne", width=18),
        *(Column(name, Kind.EUROS, 15, total=True) for name in AMOUNTS.values()),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            line.reference,
            line.title,
            line.porteur,
            STAGE_LABELS[Stage(line.stage)],
            LINE_LABELS[LineState(line.state)],
            *(getattr(line, key) for key in AMOUNTS),
        )
        for line in lines
    ]
    return Sheet("Lignes", f"{label} – {year}", columns, rows)
