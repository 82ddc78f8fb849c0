# SPDX-License-Identifier: EUPL-1.2
"""Who was called to a séance, what reached them, what they answered; the quorum to come; what is left to do."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from notifications.addresses import is_readable
from notifications.recipients import of_person
from notifications.seance_composition import PAPERS
from rules import wording
from web.forms import Field, FormView
from web.presenters.messages import STATES, state_tone
from workflow.answer_links import NO_KEY, signing_key
from workflow.answers import Forecast, forecast
from workflow.invitations import days_late, due_on, silent
from workflow.models import Convocation, Document, Message, Organisation, Seance
from workflow.queries_agenda import AgendaSums
from workflow.queries_messages import messages_about
from workflow.stages import PRESENCE_LABELS, SEANCE_OVER, SeanceStatus

ANSWER_LABELS = {
    "present": "viendra",
    "remote": "à distance",
    "excused": "excusé",
    "represented": "représenté",
}
ANSWER_TONES = {"present": "good", "remote": "good", "represented": "plain", "excused": "bad"}
OUTLOOKS = {
    "certain": ("quorum assuré", "good"),
    "possible": ("quorum possible", "wait"),
    "impossible": ("quorum impossible", "bad"),
}
CALLING = frozenset(
    {"seance_convocation", "seance_invitation", "seance_update", "seance_agenda", "seance_cancellation"}
)
FORM_ANSWERS = (("", "Choisir"), *ANSWER_LABELS.items())


def answer_told(convocation: Convocation) -> str:
    """« représenté par Zoé Martin »."""
    label = ANSWER_LABELS.get(convocation.answer or "", "—")
    by = convocation.proxy.name if convocation.proxy else convocation.deputy
    return f"{label} par {by}" if convocation.answer == "represented" and by else label


def called_view(db: Session, seance: Seance, agenda: Sequence[AgendaSums], *, keeps: bool) -> dict[str, Any]:
    """The part of the séance's page about its convocations."""
    messages = messages_about(db, f"seance:{seance.id}")
    newest = {m.person_id: m for m in messages if m.kind in CALLING}
    rows = [_row(c, newest.get(c.person_id)) for c in seance.convocations]
    ahead = seance.status in (SeanceStatus.PLANNED, SeanceStatus.CONVOKED)
    return {
        "members": [row for row in rows if row["is_member"]],
        "guests": [row for row in rows if not row["is_member"]],
        "delay": _delay(seance),
        "outlook": _outlook(forecast(seance)) if ahead else None,
        "told": sum(1 for row in rows if row["is_delivered"]),
        "answered": sum(1 for row in rows if row["has_answered"] and not row["is_outdated"]),
        "silent": len(silent(seance)) if seance.status == SeanceStatus.CONVOKED else 0,
        "unreachable": [row for row in rows if not row["is_reachable"]] if keeps and ahead else [],
        "no_key": NO_KEY if keeps and ahead and signing_key(db) is None else "",
        "invite": _invite_form(db, seance, agenda) if keeps and ahead else None,
        "note_answer": _answer_form(seance) if keeps and seance.status == SeanceStatus.CONVOKED else None,
        "papers": _papers(db, seance),
    }


def _row(convocation: Convocation, message: Message | None) -> dict[str, Any]:
    recipient = of_person(convocation.person, convocation.organisation)
    return {
        "id": convocation.id,
        "name": convocation.person.name,
        "email": convocation.person.email,
        "organisation": convocation.organisation.name,
        "is_member": convocation.is_member,
        "heard": convocation.heard_dossier.reference if convocation.heard_dossier else "",
        "is_reachable": is_readable(recipient.address),
        "answer": answer_told(convocation),
        "answer_tone": ANSWER_TONES.get(convocation.current_answer or "", "quiet"),
        "has_answered": convocation.answer is not None,
        "is_outdated": convocation.is_outdated,
        "answered_at": convocation.answered_at,
        "reminded_at": convocation.reminded_at,
        "presence": convocation.presence or "",
        "presence_label": PRESENCE_LABELS.get(convocation.presence or "", "—"),
        "delivery": STATES.get(message.state, message.state) if message else _unwritten(convocation.seance),
        "delivery_tone": state_tone(message.state) if message else "quiet",
        "delivery_reason": (message.reason or "") if message else "",
        "delivered_at": message.sent_at if message else None,
        "is_delivered": message is not None and message.state == "sent",
    }


def _unwritten(seance: Seance) -> str:
    """What is said where no message is: none will leave once the séance is over."""
    return "aucun" if seance.status in SEANCE_OVER else "pas encore préparé"


def _delay(seance: Seance) -> dict[str, str]:
    """Whether the convocation is in time: a tone, a badge, a sentence."""
    due = wording.day(due_on(seance))
    if seance.status == SeanceStatus.CANCELLED:
        return {"badge": "", "tone": "", "said": ""}
    if seance.told_at is None:
        return {"badge": "", "tone": "", "said": f"À convoquer au plus tard le {due}."}
    late = days_late(seance)
    if not late:
        return {"badge": "dans les délais", "tone": "good", "said": f"Convocation due le {due}."}
    days = "jour" if late == 1 else "jours"
    said = f"Convocation due le {due}, partie {late} {days} plus tard : le relevé de décisions le dira."
    return {"badge": "convocation tardive", "tone": "bad", "said": said}


def _outlook(found: Forecast | None) -> dict[str, Any] | None:
    if found is None:
        return None
    badge, tone = OUTLOOKS[found.outlook]
    return {
        "badge": badge,
        "tone": tone,
        "required": found.required,
        "sure": found.sure,
        "silent": found.silent,
    }


def _invite_form(db: Session, seance: Seance, agenda: Sequence[AgendaSums]) -> FormView:
    """An organisation of the contract or a porteur of the agenda; one person when an address is given."""
    codes = select(Organisation).where(Organisation.code.is_not(None), Organisation.closed_on.is_(None))
    own = [(str(o.id), o.name) for o in db.scalars(codes.order_by(Organisation.name))]
    heard = {row.porteur_id: row.porteur for row in agenda}
    porteurs = [(str(number), f"{name} (porteur)") for number, name in heard.items()]
    items = [(str(row.dossier_id), f"{row.reference} {row.title}") for row in agenda]
    return FormView(
        action=f"/seances/{seance.id}/invitations",
        submit="Inviter",
        fields=(
            Field("organisation", "Organisme", "choice", choices=(("", "Choisir"), *porteurs, *own)),
            Field("name", "Nom de la personne", hint="Facultatif, avec son adresse."),
            Field("address", "Adresse électronique", hint="Vide : les personnes connues de cet organisme."),
            Field(
                "dossier",
                "Entendu sur un seul dossier",
                "choice",
                choices=(("", "Non : toute la séance"), *items),
                hint="Il ne reçoit alors ni le reste de l’ordre du jour, ni la synthèse, ni le relevé.",
            ),
        ),
    )


def _answer_form(seance: Seance) -> FormView:
    """An answer received by telephone or by letter, typed by the secretary."""
    called = tuple((str(c.id), f"{c.person.name}, {c.organisation.name}") for c in seance.convocations)
    members = tuple((str(c.id), c.person.name) for c in seance.convocations if c.is_member)
    return FormView(
        action=f"/seances/{seance.id}/reponses",
        submit="Noter la réponse",
        fields=(
            Field("called", "Personne", "choice", choices=(("", "Choisir"), *called)),
            Field("answer", "Réponse", "choice", choices=FORM_ANSWERS),
            Field("proxy", "Représenté par un membre", "choice", choices=(("", "—"), *members)),
            Field("deputy", "Ou par une personne de son organisme"),
        ),
    )


def _papers(db: Session, seance: Seance) -> list[dict[str, Any]]:
    rows = select(Document).where(Document.subject == f"seance:{seance.id}").order_by(Document.id)
    return [
        {
            "id": row.id,
            "label": PAPERS.get(row.kind, row.name),
            "form": row.name.rpartition(".")[2].upper(),
            "at": row.created_at,
        }
        for row in db.scalars(rows)
    ]
