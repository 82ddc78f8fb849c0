# SPDX-License-Identifier: EUPL-1.2
"""The porteur's own pages: where a request stands in plain words, what is expected, what was decided and told."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from app.mailbox import parse_mail
from notifications.catalogue import KINDS
from reports.papers.letter import letter
from reports.papers.structure import Paper
from reports.summary.words import Words, words_of
from web.presenters.attention import news_block
from web.presenters.dossier import about, heading
from web.presenters.exchanges import thread_block
from web.presenters.history import written_day
from web.presenters.reader import Reader
from web.presenters.report_read import filed_report
from web.presenters.stages import tone_of
from web.presenters.transitions import actions_of
from workflow.attention import seen_before
from workflow.completion import PORTEUR_STAGES
from workflow.contracts import territory_of
from workflow.exchanges import thread_of
from workflow.models import Contract, Dossier, FundingLine, Journal, Message
from workflow.permissions import Actor
from workflow.queries import journal_of
from workflow.queries_own import Told, next_seance, own_dossiers, told_of
from workflow.request.accounts import label_of
from workflow.request.reporting import may_report
from workflow.sight import sees_contract
from workflow.stages import LineState, Stage

S = Stage
# Each step of the way in the porteur's words, the stages it holds, and what it means.
WAY: tuple[tuple[str, tuple[Stage, ...], str], ...] = (
    ("Demande déposée", (S.SUBMITTED, S.INCOMPLETE, S.INADMISSIBLE), "Un instructeur vérifie qu’elle est complète et recevable."),
    ("Recevable", (S.ADMISSIBLE,), "Elle sera confiée à un service qui suivra l’instruction."),
    ("Confiée à un service", (S.DISPATCHED,), "Le service chef de file prépare son examen."),
    ("Examinée par les partenaires", (S.CO_INSTRUCTION,), "Les partenaires du contrat donnent leur avis."),
    ("Étudiée par les financeurs", (S.FINANCERS_CONFERENCE,), "Les financeurs se répondent autour de la table ou par écrit."),
    ("Au comité d’engagement", (S.COMMITMENT, S.DEFERRED, S.REJECTED), "Le comité retient ou non des montants."),
    ("Action retenue", (S.COMMITTED, S.CANCELLED), "Chaque financeur décide ensuite de sa part par son propre acte."),
    ("Convention et réalisation", (S.CONTRACTED,), "L’action se réalise ; les versements suivent les conventions."),
    ("Bilan remis", (S.REPORTED, S.CLOSED), "Le bilan est lu par les financeurs."),
)  # fmt: skip
WORDS = {
    S.DRAFT: "À déposer",
    S.SUBMITTED: "Déposée",
    S.INCOMPLETE: "À compléter",
    S.ADMISSIBLE: "Recevable",
    S.INADMISSIBLE: "Non recevable",
    S.DISPATCHED: "Confiée à un service",
    S.CO_INSTRUCTION: "Examinée par les partenaires",
    S.FINANCERS_CONFERENCE: "Étudiée par les financeurs",
    S.COMMITMENT: "Au comité d’engagement",
    S.DEFERRED: "Examen reporté",
    S.COMMITTED: "Retenue",
    S.REJECTED: "Non retenue",
    S.REORIENTED: "Réorientée",
    S.CONTRACTED: "Conventionnée",
    S.REPORTED: "Bilan remis",
    S.CLOSED: "Terminée",
    S.CANCELLED: "Annulée",
    S.WITHDRAWN: "Retirée",
}
NOTHING = "Rien pour l’instant : un message vous préviendra."
EXPECTED = {
    S.DRAFT: "Terminez la demande, puis déposez-la : rien n’est encore transmis.",
    S.INCOMPLETE: "Répondez à la demande de compléments.",
    S.COMMITTED: "Attendez l’acte de chaque financeur avant d’engager les dépenses qu’il doit couvrir.",
    S.CONTRACTED: "Réalisez l’action, puis remettez le bilan.",
    S.REJECTED: "Rien : la décision et son motif sont dans le courrier.",
    S.INADMISSIBLE: "Rien : la décision et son motif sont dans le courrier.",
    S.REORIENTED: "Adressez-vous au dispositif nommé dans le message reçu.",
    S.CLOSED: "Rien : le dossier est clos.",
    S.CANCELLED: "Rien : l’action est annulée.",
    S.WITHDRAWN: "Rien : vous avez retiré cette demande.",
}
OWN_ACTS = frozenset({"withdraw"})


def own_board(db: Session, contract: Contract, porteurs: frozenset[int]) -> dict[str, Any]:
    """« Mes dossiers »: by year, what each waits for first."""
    found = own_dossiers(db, contract, porteurs)
    told = told_of(db, (dossier for dossier, _ in found))
    years: dict[int, list[dict[str, Any]]] = {}
    for dossier, requested in found:
        years.setdefault(dossier.year, []).append(_card(dossier, requested, told[dossier.id]))
    for cards in years.values():
        cards.sort(key=lambda card: not card["is_mine"])
    return {"years": years, "several": len({dossier.porteur_id for dossier, _ in found}) > 1}


def _card(dossier: Dossier, requested: Decimal | None, told: Told) -> dict[str, Any]:
    is_mine = told.stage in (*PORTEUR_STAGES, S.CONTRACTED)
    return {
        "dossier": dossier,
        "stage": WORDS[told.stage],
        "tone": tone_of(told.stage),
        "expected": EXPECTED.get(told.stage, NOTHING),
        "is_mine": is_mine,
        "address": f"/demandes/{dossier.id}" if told.stage in PORTEUR_STAGES else f"/dossiers/{dossier.id}",
        "requested": requested,
        "due": written_day(str((dossier.completion or {}).get("due", "")))
        if told.stage is S.INCOMPLETE
        else "",
    }


def head_of(db: Session, dossier: Dossier, actor: Actor) -> dict[str, Any]:
    """The head of any page of a dossier: whoever does not see the contract reads the stage as told, not as decided."""
    if sees_contract(actor, dossier.contract_id):
        return heading(dossier)
    told = told_of(db, [dossier])[dossier.id]
    return heading(dossier) | {
        "stage_label": WORDS[told.stage],
        "stage_tone": tone_of(told.stage),
        "path": [],
        "stage_since": None,
    }


def own_dossier_view(db: Session, dossier: Dossier, reader: Reader) -> dict[str, Any]:
    """The porteur's page of one dossier."""
    territory = territory_of(dossier.contract)
    words, told = words_of(territory), told_of(db, [dossier])[dossier.id]
    asked = dossier.completion if dossier.stage == S.INCOMPLETE else None
    journal = journal_of(db, f"dossier:{dossier.id}")
    thread = thread_block(dossier, thread_of(db, dossier, reader.actor), reader)
    seen = seen_before(db, dossier.id, reader.actor, reader.now)
    return {
        "dossier": dossier,
        "thread": thread,
        "news": news_block((), thread["messages"], seen, reader),
        "last_seq": journal[-1].seq if journal else 0,
        "stage_label": WORDS[told.stage],
        "stage_tone": tone_of(told.stage),
        "expected": EXPECTED.get(told.stage, NOTHING),
        "asked": {"pieces": asked["pieces"], "due": date.fromisoformat(asked["due"])} if asked else None,
        "way": _way(told, journal),
        "seance": next_seance(db, dossier, reader.now) if not told.is_waiting else None,
        "writes": dossier.stage in PORTEUR_STAGES,
        "reports": may_report(db, dossier, reader.actor),
        "report": filed_report(dossier),
        "letters": [_letter(dossier, message) for message in told.letters],
        "lines": [_line(line, words, told) for line in dossier.lines],
        "knows_decision": told.knows_decision,
        "about": [(label, value) for label, value in about(dossier, territory, words) if label not in INSIDE],
        "budget": _budget(dossier, words),
        "actions": [
            action
            for action in actions_of(db, dossier, reader.actor, reader.now, f"/dossiers/{dossier.id}")
            if action["trigger"] in OWN_ACTS and action["permitted"]
        ],
    }


INSIDE = frozenset({"Groupe thématique"})


def _way(told: Told, journal: Sequence[Journal]) -> list[dict[str, Any]]:
    """The steps of the way, each with the day it was reached, up to what is told."""
    reached = {line.to_state: line.at for line in journal if line.subject == line.chain and line.to_state}
    here = next((rank for rank, (_, stages, _) in enumerate(WAY) if told.stage in stages), None)
    shown = []
    for rank, (label, stages, meaning) in enumerate(WAY):
        state = "ahead" if here is None or rank > here else "current" if rank == here else "done"
        days = [at for stage, at in reached.items() if stage in stages]
        is_special = rank == here and WORDS[told.stage] != label and len(stages) > 1
        shown.append(
            {
                "label": f"{label} : {WORDS[told.stage].lower()}"
                if is_special and told.stage is not stages[0]
                else label,
                "meaning": "Le comité a siégé ; sa décision vous sera notifiée."
                if told.is_waiting and told.stage is S.COMMITMENT and rank == here
                else meaning,
                "state": state,
                "at": min(days) if days and state != "ahead" else None,
            }
        )
    return shown if here is not None else []


def _letter(dossier: Dossier, message: Any) -> dict[str, Any]:
    return {
        "title": KINDS[message.kind].label if message.kind in KINDS else message.title,
        "address": f"/dossiers/{dossier.id}/courriers/{message.id}",
        "at": message.sent_at or message.created_at,
    }


def letter_paper(dossier: Dossier, message: Message) -> Paper:
    """A letter that has left, ready to be printed."""
    mail = parse_mail(str(message.id), message.created_at, message.body)
    about = f"{dossier.reference} – {dossier.title}"
    sent_at = message.sent_at or message.created_at
    return letter(message.title, about, dossier.contract.label, message.recipient, sent_at, mail.text)


def _line(line: FundingLine, words: Words, told: Told) -> dict[str, Any]:
    """What was asked, and what was told since: never what is only proposed."""
    knows_act, act = told.knows_act(line), line.act or {}
    said = "demandé"
    if line.requested is None:
        said = "ajouté par les financeurs" if told.knows_decision else ""
    if told.knows_decision:
        said = "retenu par le comité" if line.retained else "non retenu"
    if knows_act and line.state == LineState.GRANTED:
        said = f"{act.get('authority', '')}, acte n° {act.get('number', '')} du {written_day(str(act.get('date', '')))}"
    return {
        "financer": words.line(line.key),
        "credit": line.credit.label,
        "requested": line.requested,
        "retained": line.retained if told.knows_decision else None,
        "granted": line.granted if knows_act else None,
        "paid": line.paid if knows_act else None,
        "said": said,
        "shown": bool(said),
    }


def _budget(dossier: Dossier, words: Words) -> list[dict[str, Any]]:
    shown = []
    for side, title in (("charge", "Charges"), ("produit", "Produits")):
        rows = [
            {
                "label": words.financer(line.payer) if line.payer else label_of(line.side, line.account),
                "account": line.account,
                "planned": line.planned,
                "realised": line.realised,
            }
            for line in sorted(dossier.budget, key=lambda one: (one.account, one.payer))
            if line.side == side
        ]
        if rows:
            amounts = [row["planned"] for row in rows if isinstance(row["planned"], Decimal)]
            shown.append({"title": title, "rows": rows, "total": sum(amounts, Decimal(0))})
    return shown
