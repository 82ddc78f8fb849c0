# SPDX-License-Identifier: EUPL-1.2
"""What is asked of the reader on a dossier, first; and whose answer is awaited."""

from collections.abc import Mapping, Sequence
from typing import Any

from reports.summary.words import Words
from rules import wording
from web.presenters.reader import Reader
from workflow.awaited import is_owed
from workflow.exchanges import PORTEUR, may_write
from workflow.guards.conference import ANSWERING_STAGES, speaks_in_own_cause
from workflow.models import Dossier, FundingLine, Opinion
from workflow.stages import LineState


def asked_view(
    dossier: Dossier,
    actions: Sequence[Mapping[str, Any]],
    thread: Mapping[str, Any],
    words: Words,
    reader: Reader,
) -> dict[str, Any]:
    """`duties`: (sentence, address, late) for the reader; `steps`: what they may fire; `awaited`: what others owe."""
    opinions = [o for o in dossier.opinions if is_owed(o, dossier)]
    lines = [one for one in dossier.lines if one.state == LineState.ASKED] if _answers(dossier) else []
    is_left = reader.actor.is_concerned_by(dossier.porteur_id)  # to a colleague
    mine = [o for o in opinions if _speaks(reader, o.organisation_id, dossier) and not is_left]
    own = [
        one
        for one in lines
        if _speaks(reader, one.credit.organisation_id, dossier) and not speaks_in_own_cause(reader.actor, one)
    ]
    duties = [_opinion(o, reader) for o in mine] + [_line(one, words) for one in own]
    duties += _answer_to_porteur(dossier, thread, reader)
    others = (
        ("Avis", [_awaited(o, reader) for o in opinions if o not in mine]),
        ("Réponses pour leurs crédits", [words.line(one.key) for one in lines if one not in own]),
    )
    return {
        "duties": duties,
        "steps": [a["label"] for a in actions if a["allowed"] and not a["form"].look],
        "awaited": [(what, who) for what, who in others if who],
    }


def _answers(dossier: Dossier) -> bool:
    return dossier.stage in ANSWERING_STAGES


def _speaks(reader: Reader, organisation_id: int, dossier: Dossier) -> bool:
    return reader.actor.speaks_for(organisation_id, dossier.contract_id)


def _opinion(opinion: Opinion, reader: Reader) -> tuple[str, str, bool]:
    late, address = opinion.due_on < reader.today, f"/dossiers/{opinion.dossier_id}/avis/{opinion.id}"
    when = (
        f"attendu depuis le {wording.day(opinion.due_on)}"
        if late
        else f"pour le {wording.day(opinion.due_on)}"
    )
    return f"Rendre l’avis de {opinion.organisation.name}, {when}", address, late


def _line(line: FundingLine, words: Words) -> tuple[str, str, bool]:
    return f"Répondre pour {words.line(line.key)}", f"/dossiers/{line.dossier_id}/lignes/{line.id}", False


def _answer_to_porteur(
    dossier: Dossier, thread: Mapping[str, Any], reader: Reader
) -> list[tuple[str, str, bool]]:
    """The porteur spoke last."""
    shared = [message for message in thread["messages"] if message["klass"] != "internal"]
    if not shared or not may_write(dossier, reader.actor, PORTEUR):
        return []
    if shared[-1]["klass"] != "porteur":
        return []
    said = f"Répondre au porteur, qui a écrit le {wording.moment(shared[-1]['at'])}"
    return [(said, thread["address"], False)]


def _awaited(opinion: Opinion, reader: Reader) -> str:
    late = opinion.due_on < reader.today
    when = (
        f"en retard depuis le {wording.day(opinion.due_on)}"
        if late
        else f"pour le {wording.day(opinion.due_on)}"
    )
    return f"{opinion.organisation.name} ({when})"
