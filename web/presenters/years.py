# SPDX-License-Identifier: EUPL-1.2
"""« Années suivantes » of a CPO: what each financer forecasts year by year, the next dossier, indicators, changes."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from reports.summary.words import Words, words_of
from rules.money import ZERO
from web.forms import Field, FormView, choices
from web.presenters.findings import rendered
from web.presenters.indicators import indicators_block
from web.presenters.reader import Reader
from web.presenters.request_fields import typed_money
from workflow.amendments import AMEND, END, RENOUNCE, amendments_of, settled_until
from workflow.contracts import territory_of
from workflow.forecasts import (
    HELD,
    RELEASED,
    STATE_LABELS,
    forecasts_of,
    later_years,
    may_set_forecast,
    opened_in,
)
from workflow.guards.renewal import carries_promises, renewal_missing, report_received
from workflow.living import living_dossiers
from workflow.models import Credit, Dossier, Forecast
from workflow.queries_years import dossiers_of_action, open_credits
from workflow.recovery import to_recover
from workflow.renewals import may_renew
from workflow.stages import FUNDED_STAGES, STAGE_LABELS, Role, Stage
from workflow.structured import trajectory_of

TONES = {HELD: "plain", RELEASED: "quiet"}
TAKEN_OVER = "repris par le dossier de l’année"
FILED_APART = "remplacé par la demande de l’année"
CHANGES = {AMEND: "Avenant", END: "Fin anticipée", RENOUNCE: "Renonciation d’un financeur"}
PLANNED = "amount-"
ADDRESS = "/dossiers/{}/annees"


def years_view(db: Session, dossier: Dossier, reader: Reader) -> dict[str, Any]:
    """The page, from any dossier of the action."""
    words = words_of(territory_of(dossier.contract))
    year = opened_in(db, dossier)
    action = dossiers_of_action(db, dossier)
    opening = next((one for one in action if one.year == year and one.stage in FUNDED_STAGES), None)
    view: dict[str, Any] = {
        "dossier": dossier,
        "opening": opening,
        "is_cpo": year is not None,
        "years": [],
        "next": None,
        "changes": [],
        "amendment": None,
        "ending": None,
        "renouncing": None,
        "indicators": indicators_block(dossier, f"{ADDRESS.format(dossier.id)}/indicateurs", reader),
        "recover": [
            (one.year, words.line(line.key), left)
            for one in action
            for line in one.lines
            if (left := to_recover(line))
        ],
    }
    if opening is None:
        return view
    known = forecasts_of(db, opening)
    mine = [
        credit for credit in open_credits(db, dossier.contract_id) if may_set_forecast(reader.actor, credit)
    ]
    living = living_dossiers(db, [opening.action_id])
    made = {year: one for (_, year), one in living.items()}
    view["years"] = _years(opening, known, made, words, mine)
    view["next"] = _next(db, dossier, made.get(dossier.year + 1), reader)
    view["changes"] = [_change(said, words) for said in reversed(amendments_of(opening))]
    return view | _forms(dossier, opening, known, settled_until(db, opening), words, reader)


def _years(
    opening: Dossier,
    known: Sequence[Forecast],
    made: Mapping[int, Dossier],
    words: Words,
    mine: Sequence[Credit],
) -> list[dict[str, Any]]:
    """`made`: the living dossier of each year; `mine`: the credits whose forecasts this reader corrects."""
    planned = dict(trajectory_of(opening.cpo_trajectory) or ())
    carried = {year for year, one in made.items() if one.stage != Stage.DRAFT}
    apart = {year for year in carried if not carries_promises(made[year])}
    shown = sorted({one.year for one in known} | set(later_years(opening)))
    return [
        {
            "year": year,
            "planned": planned.get(year),
            "dossier": made.get(year),
            "stage": STAGE_LABELS[Stage(made[year].stage)] if year in made else "",
            "rows": [
                _row(opening, one, words, mine, is_carried=year in carried, is_apart=year in apart)
                for one in known
                if one.year == year
            ],
            "is_filed_apart": year in apart,
            "total": sum((one.amount for one in known if one.year == year and one.state != RELEASED), ZERO),
            "addition": _addition(opening, known, year, words, mine) if year not in carried else None,
        }
        for year in shown
    ]


def _row(
    opening: Dossier,
    one: Forecast,
    words: Words,
    mine: Sequence[Credit],
    *,
    is_carried: bool,
    is_apart: bool,
) -> dict[str, Any]:
    state, tone = STATE_LABELS[one.state], TONES[one.state]
    if is_carried and one.state == HELD:
        state, tone = (FILED_APART, "quiet") if is_apart else (TAKEN_OVER, "good")
    may = one.state == HELD and not is_carried and one.credit in mine
    return {
        "label": words.line(one.credit.code),
        "amount": one.amount,
        "state": state,
        "tone": tone,
        "reason": one.reason or "",
        "changed_at": one.changed_at,
        "form": _forecast_form(opening, one.year, one.credit.code, one) if may else None,
    }


def _forecast_form(opening: Dossier, year: int, credit: str, one: Forecast | None) -> FormView:
    return FormView(
        f"{ADDRESS.format(opening.id)}/previsions",
        "Corriger la prévision",
        (
            Field("year", "Année", "hidden", (str(year),)),
            Field("credit", "Crédit", "hidden", (credit,)),
            Field(
                "amount",
                "Montant prévu",
                "amount",
                (typed_money(one.amount if one else None),),
                required=True,
            ),
            Field("reason", "Motif", "text", required=True, hint="Gardé au journal."),
        ),
        version=one.version if one else 0,
        look="secondary",
        key=f"{year}-{credit}",
    )


def _addition(
    opening: Dossier, known: Sequence[Forecast], year: int, words: Words, mine: Sequence[Credit]
) -> FormView | None:
    """A financer that forecast nothing yet for that year: its own credits, or any for the pilot."""
    there = {one.credit_id for one in known if one.year == year}
    free = {credit.code: words.line(credit.code) for credit in mine if credit.id not in there}
    if not free or year not in later_years(opening):
        return None
    return FormView(
        f"{ADDRESS.format(opening.id)}/previsions",
        "Ajouter la prévision",
        (
            Field("year", "Année", "hidden", (str(year),)),
            Field("credit", "Crédit", "choice", ("",), True, choices=choices(free, empty="Choisir")),
            Field("amount", "Montant prévu", "amount", required=True),
            Field("reason", "Motif", "text", required=True),
        ),
        version=0,
        look="secondary",
        key=f"{year}-autre",
    )


def _next(db: Session, dossier: Dossier, made: Dossier | None, reader: Reader) -> dict[str, Any]:
    """The year after this dossier: made, ready to be made, or what it lacks."""
    year = dossier.year + 1
    missing = [] if made else renewal_missing(db, dossier)
    may = made is None and not missing and may_renew(reader.actor, dossier.contract_id)
    return {
        "year": year,
        "made": made,
        "stage": STAGE_LABELS[Stage(made.stage)] if made else "",
        "is_over": [one.variant for one in missing] == ["over"],
        "missing": [rendered(one) for one in missing],
        "report": report_received(dossier),
        "form": FormView(
            f"{ADDRESS.format(dossier.id)}/reconduction",
            f"Créer le dossier {year}",
            confirm=f"Le dossier {year} est créé une seule fois, aux montants promis, puis envoyé en conférence sans nouvel avis.",
        )
        if may
        else None,
    }


def _forms(
    dossier: Dossier,
    opening: Dossier,
    known: Sequence[Forecast],
    settled: int,
    words: Words,
    reader: Reader,
) -> dict[str, Any]:
    """What changes the CPO: the pilot amends and ends it, a financer renounces its own part."""
    held = [one for one in known if one.state == HELD and one.year > settled]
    is_pilot = reader.actor.has(Role.PILOT, dossier.contract_id)
    mine = {
        one.credit.code: words.line(one.credit.code)
        for one in held
        if may_set_forecast(reader.actor, one.credit)
    }
    return {
        "amendment": _amendment(dossier, opening, held, settled) if is_pilot else None,
        "ending": _ending(dossier, opening, held, settled) if is_pilot and held else None,
        "renouncing": FormView(
            f"{ADDRESS.format(dossier.id)}/renonciation",
            "Renoncer aux années suivantes",
            (
                Field("credit", "Crédit", "choice", ("",), True, choices=choices(mine, empty="Choisir")),
                *_signed(),
            ),
            version=opening.version,
            look="danger",
        )
        if mine
        else None,
    }


def _signed() -> tuple[Field, ...]:
    return (
        Field("on", "Date de la signature ou du courrier", "date", required=True),
        Field("reason", "Motif", "long", required=True, hint="Gardé au journal et montré sur cette page."),
    )


def _amendment(dossier: Dossier, opening: Dossier, held: Sequence[Forecast], settled: int) -> FormView:
    totals: dict[int, Decimal] = {}
    for one in held:
        totals[one.year] = totals.get(one.year, ZERO) + one.amount
    years = range(settled + 1, max([*totals, settled]) + 2)
    fields = tuple(
        Field(
            f"{PLANNED}{year}",
            f"Total prévu en {year}",
            "amount",
            (typed_money(totals.get(year)),),
            hint="Vide\u00a0: la convention s’arrête avant."
            if year in totals
            else "Pour prolonger la convention.",
        )
        for year in years
    )
    address = f"{ADDRESS.format(dossier.id)}/avenant"
    return FormView(
        address, "Enregistrer l’avenant", (*fields, *_signed()), opening.version, look="secondary"
    )


def _ending(dossier: Dossier, opening: Dossier, held: Sequence[Forecast], settled: int) -> FormView | None:
    """None when nothing is forecast after the last year that has its dossier: there is nothing to cut short."""
    last = [str(year) for year in range(settled, max(one.year for one in held))]
    if not last:
        return None
    field = Field(
        "last_year", "Dernière année", "choice", (last[0],), True, choices=tuple((y, y) for y in last)
    )
    address = f"{ADDRESS.format(dossier.id)}/fin"
    return FormView(address, "Mettre fin à la CPO", (field, *_signed()), opening.version, look="danger")


def _change(said: Any, words: Words) -> dict[str, Any]:
    released = said.get("released") or {}
    return {
        "label": CHANGES.get(said["kind"], said["kind"]),
        "on": said["on"],
        "by": said["by"],
        "reason": said["reason"],
        "about": words.line(said["line"]) if said.get("line") else "",
        "after": [(year, Decimal(amount)) for year, amount in (said.get("after") or {}).items()],
        "released": [
            (key.partition(" ")[0], words.line(key.partition(" ")[2]), Decimal(amount))
            for key, amount in released.items()
        ],
    }
