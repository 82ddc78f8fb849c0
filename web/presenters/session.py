# SPDX-License-Identifier: EUPL-1.2
"""A séance in session, item by item: who is there, the order of the day, the item being examined, its decision."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from reports.summary.words import Words, words_of
from rules import wording
from web.forms import Field, FormView, Typed, choices
from web.presenters.findings import rendered
from web.presenters.funding import total
from web.presenters.opinions import french
from web.presenters.people import named
from web.presenters.reader import Reader
from web.presenters.seance import DEAD, decision_word, keeps_seance, seance_heading
from web.presenters.session_totals import Trial
from web.presenters.stages import DECISION_TONES, line_tone, opinion_tone, tone_of
from workflow.contracts import territory_of
from workflow.examination import examine
from workflow.guards.commitment import (
    DECISIONS_OF_BODY,
    has_word,
    here,
    is_for_information,
    is_rectified,
    members_here,
    must_leave,
    needs_reason,
    organisations_held,
    organisations_here,
    short_of_quorum,
)
from workflow.models import Dossier, FundingLine, Seance, SeanceItem
from workflow.queries_session import AgendaRow
from workflow.session import RETAINABLE, proposals_ready
from workflow.stages import (
    DECISION_LABELS,
    LINE_LABELS,
    OPINION_LABELS,
    PRESENCE_LABELS,
    STAGE_LABELS,
    Decision,
    LineState,
    OpinionState,
    OpinionValue,
    SeanceStatus,
    Stage,
)
from workflow.territory import Body, BodyKind
from workflow.votes import entitled

AS_PROPOSED = "as_proposed"  # of the form only: retained, each proposal whose financer has given its word
DECISION_CHOICES = {
    AS_PROPOSED: "Retenir comme proposé",
    Decision.RETAINED: "Retenir autrement : les montants saisis",
    Decision.DEFERRED: "Ajourner",
    Decision.REJECTED: "Ne pas retenir",
    Decision.REORIENTED: "Réorienter vers un autre dispositif",
    Decision.VALIDATED: "Valider",
    Decision.SENT_BACK: "Renvoyer",
}
SHOWN = ("violated", "undetermined")


def bar_view(seance: Seance, rows: Sequence[AgendaRow]) -> dict[str, Any]:
    """What stays at the top: presence, quorum, how many are decided."""
    body = territory_of(seance.contract).body_by_code.get(seance.body)
    members = [c for c in seance.convocations if c.is_member]
    return {
        "seance": seance,
        "present": members_here(seance),
        "members": len(members),
        "quorum": body.quorum if body else None,
        "lost": [rendered(finding) for finding in short_of_quorum(seance, body)],
        "decided": sum(1 for row in rows if row.decision),
        "items": len(rows),
        "is_open": seance.status == SeanceStatus.OPEN,
    }


def chosen_row(rows: Sequence[AgendaRow], asked: str) -> AgendaRow | None:
    """The item asked for, else the first that waits for its decision, else the first."""
    found = next((row for row in rows if str(row.id) == asked), None)
    waiting = next((row for row in rows if row.decision is None), None)
    return found or waiting or (rows[0] if rows else None)


def agenda_view(rows: Sequence[AgendaRow], chosen: AgendaRow | None, shown: int | None) -> dict[str, Any]:
    """The order of the day, and where one goes from here."""
    at = next((rank for rank, row in enumerate(rows) if chosen is not None and row.id == chosen.id), 0)
    return {
        "agenda": [
            {
                "row": row,
                "word": DECISION_LABELS[Decision(row.decision)] if row.decision else "à décider",
                "tone": DECISION_TONES.get(row.decision or "", "quiet"),
                "is_here": chosen is not None and row.id == chosen.id,
                "is_shown": row.id == shown,
                "lacks_reason": needs_reason(row.decision, row.stage) and not row.reason,
            }
            for row in rows
        ],
        "before": rows[at - 1] if rows and at > 0 else None,
        "after": rows[at + 1] if at + 1 < len(rows) else None,
        "undecided": sum(1 for row in rows if row.decision is None),
    }


def item_view(
    db: Session, seance: Seance, item: SeanceItem, dossier: Dossier, reader: Reader
) -> dict[str, Any]:
    """The item being examined: request, opinions, lines, what the rules say; and its form for whoever keeps the séance."""
    territory = territory_of(seance.contract)
    words, body = words_of(territory), territory.body_by_code.get(seance.body)
    sitting = here(seance)
    leaving = [
        c.person.name for c in sitting if must_leave(item, c, organisations_held(c.person, reader.today))
    ]
    people = named(db, item.recused or ())
    present = organisations_here(seance)
    view = dossier_shown(item, dossier, words, present) | {
        "leaving": leaving,
        "recused": [people.get(email, email) for email in item.recused or ()],
        "findings": findings_shown(dossier, reader, words),
        "is_shown": seance.shown_item_id == item.id,
        "form": None,
    }
    if keeps_seance(reader.actor, seance.contract_id, seance.body) and body is not None:
        view["form"] = decision_form(item, dossier, body, words, present)
    return view


def dossier_shown(
    item: SeanceItem, dossier: Dossier, words: Words, present: frozenset[int]
) -> dict[str, Any]:
    """What everybody around the table may read of one item."""
    lines = [line for line in _ordered(dossier) if line.state not in DEAD]
    typed = {amount.line_id: amount.amount for amount in item.amounts}
    synthesis = dossier.synthesis or {}
    opinion = synthesis.get("opinion")
    suggested = synthesis.get("suggested") or {}
    return {
        "item": item,
        "dossier": dossier,
        "stage": STAGE_LABELS[Stage(dossier.stage)],
        "tone": tone_of(dossier.stage),
        "is_rectified": is_rectified(dossier),
        "qpv": [words.qpv.get(code, code) for code in dossier.qpv or ()],
        "objectives": [f"{code} {words.objectives.get(code, '')}" for code in dossier.objectives or ()],
        "decision": decision_word(item.decision, {line.id: line.proposed for line in dossier.lines}, typed),
        "decision_tone": DECISION_TONES.get(item.decision or "", "quiet"),
        "opinion": OPINION_LABELS[OpinionValue(opinion)] if opinion else "sans synthèse",
        "opinion_tone": opinion_tone(opinion),
        "synthesis": synthesis,
        "opinions": _opinions(dossier),
        "citizens": dossier.citizens_opinion,
        "lines": [_line(line, typed, suggested, words, present) for line in lines],
        "fallen": [
            f"{words.line(line.key)} : {LINE_LABELS[LineState(line.state)]}"
            for line in _ordered(dossier)
            if line.state in DEAD
        ],
        "requested": total(line.requested for line in lines),
        "proposed": total(line.proposed for line in lines),
        "retained": total(typed.values()),
        "for_information": is_for_information(item, territory_of(dossier.contract)),
    }


def _ordered(dossier: Dossier) -> list[FundingLine]:
    return sorted(dossier.lines, key=lambda line: (line.nature != "droit_commun", line.credit.rank, line.id))


def _opinions(dossier: Dossier) -> list[dict[str, Any]]:
    """Those of the last round, as the partners gave them."""
    return [
        {
            "organisation": opinion.organisation.name,
            "label": OPINION_LABELS[OpinionValue(opinion.value)] if opinion.value else "pas rendu",
            "tone": opinion_tone(opinion.value),
            "text": opinion.text or "",
        }
        for opinion in dossier.opinions
        if opinion.round == dossier.round and opinion.state != OpinionState.CANCELLED
    ]


def _line(
    line: FundingLine,
    typed: Mapping[int, Decimal],
    suggested: Mapping[str, Any],
    words: Words,
    present: frozenset[int],
) -> dict[str, Any]:
    hint = suggested.get(line.key)
    return {
        "id": line.id,
        "label": words.financer(line.financer),
        "nature": "droit commun" if line.nature == "droit_commun" else "crédits spécifiques",
        "state": LINE_LABELS[LineState(line.state)],
        "tone": line_tone(line.state),
        "requested": line.requested,
        "suggested": Decimal(str(hint)) if hint not in (None, "") else None,
        "proposed": line.proposed,
        "typed": typed.get(line.id),
        "before": line.retained,
        "in_kind": line.in_kind,
        "expected_on": line.expected_on,
        "may_type": line.state in RETAINABLE,
        "has_word": has_word(line, present),
    }


def findings_shown(
    dossier: Dossier, reader: Reader, words: Words, *, projected: bool = False
) -> list[dict[str, object]]:
    """What is not fulfilled or not known; projected, nothing that names a person."""
    found = (f for f in examine(dossier, reader.now) if f.outcome in SHOWN)
    return [rendered(f, words.names) for f in found if not (projected and f.rule == "recusal.member")]


def decision_form(
    item: SeanceItem, dossier: Dossier, body: Body, words: Words, present: frozenset[int]
) -> FormView:
    """The decision, then what each one asks; one amount per line whose financer has given its word."""
    known = DECISIONS_OF_BODY.get(body.kind, ())
    is_committee = body.kind is BodyKind.COMMITTEE
    offered = ((AS_PROPOSED,) if is_committee and not is_rectified(dossier) else ()) + known
    fields = [
        Field(
            "decision",
            "Décision",
            "radio",
            (_held(item, dossier),),
            True,
            choices=choices({each: DECISION_CHOICES[each] for each in offered}),
        )
    ]
    if is_committee:
        fields += [_amount_field(line, item, words) for line in _ordered(dossier) if _takes(line, present)]
    fields.append(Field("reason", "Motif", "long", (item.reason or "",), hint=_why(dossier, body)))
    if is_committee:
        fields.append(Field("conditions", "Conditions", "text", (item.conditions or "",)))
        fields.append(
            Field(
                "scheme",
                "Autre dispositif",
                "text",
                (item.scheme or "",),
                hint="Si le dossier est réorienté.",
            )
        )
    if body.votes:
        fields += _vote_fields(item)
    if item.recused:
        hint = "La personne est sortie ; son organisme peut dire ce qu’il apporte."
        said = (item.statement or "",)
        fields.append(Field("statement", "Parole de l’organisme déporté", "text", said, hint=hint))
    address = f"/seances/{item.seance_id}/points/{item.id}"
    return FormView(address, "Enregistrer la décision", tuple(fields), version=item.version)


def _held(item: SeanceItem, dossier: Dossier) -> str:
    """What is chosen when the page opens: what was decided, told apart when it is what was proposed."""
    if item.decision != Decision.RETAINED or is_rectified(dossier):
        return item.decision or ""
    proposed = {line.id: line.proposed for line in dossier.lines if line.proposed}
    typed = {amount.line_id: amount.amount for amount in item.amounts if amount.amount}
    return AS_PROPOSED if typed == proposed else str(Decision.RETAINED)


def _takes(line: FundingLine, present: frozenset[int]) -> bool:
    return line.state in RETAINABLE and has_word(line, present)


def _amount_field(line: FundingLine, item: SeanceItem, words: Words) -> Field:
    typed = {amount.line_id: amount.amount for amount in item.amounts}
    hint = "rien de proposé" if line.proposed is None else f"proposé {wording.euros(line.proposed)}"
    value = typed.get(line.id)
    if value is None and item.decision is None:
        value = line.retained if line.retained is not None else line.proposed
    return Field(f"line-{line.id}", words.line(line.key), "amount", (french(value),), hint=hint)


def _why(dossier: Dossier, body: Body) -> str:
    if body.kind is BodyKind.STEERING:
        return "Obligatoire pour renvoyer."
    if is_rectified(dossier):
        return "Obligatoire : cette décision rectifie celle d’une séance close. Le porteur le lira."
    return "Obligatoire sauf pour retenir ; le porteur le lira."


def _vote_fields(item: SeanceItem) -> list[Field]:
    votes = item.votes or {}
    names = {"in_favour": "Voix pour", "against": "Voix contre", "abstained": "Abstentions"}
    hint = f"{entitled(item)} votants présents ou représentés. Vide : pas de vote."
    return [
        Field(
            name,
            label,
            "integer",
            (str(votes[name]) if name in votes else "",),
            hint=hint if name == "in_favour" else "",
        )
        for name, label in names.items()
    ]


def presence_form(seance: Seance) -> list[dict[str, Any]]:
    """One choice per person called."""
    return [
        {
            "id": called.id,
            "name": called.person.name,
            "organisation": called.organisation.name,
            "is_member": called.is_member,
            "presence": called.presence or "",
        }
        for called in seance.convocations
    ]


PRESENCE_CHOICES = tuple(PRESENCE_LABELS.items())


def trial_of(item: SeanceItem, dossier: Dossier, typed: Typed) -> Trial:
    """What the form says now, not saved. Raises InvalidInputError on an amount that cannot be read."""
    chosen = typed.text("decision")
    if chosen == AS_PROPOSED:
        amounts = {line.id: line.proposed for line in proposals_ready(item) if line.proposed}
        return Trial(item, Decision.RETAINED, amounts)
    typed_amounts = {line.id: typed.amount(f"line-{line.id}") for line in dossier.lines}
    return Trial(item, chosen, {id_: value for id_, value in typed_amounts.items() if value is not None})


def session_heading(seance: Seance, reader: Reader) -> dict[str, Any]:
    """What identifies the séance, and whether the reader keeps it."""
    body = territory_of(seance.contract).body_by_code.get(seance.body)
    return seance_heading(seance) | {
        "keeps": keeps_seance(reader.actor, seance.contract_id, seance.body),
        "is_committee": body is not None and body.kind is BodyKind.COMMITTEE,
    }
