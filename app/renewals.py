# SPDX-License-Identifier: EUPL-1.2
"""Several CPO renewed at once: each in a transaction of its own, each with what came of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.dossier_json import finding_json, names_of
from app.tasks import Host
from rules.findings import Finding
from workflow.errors import RefusedError, WorkflowError, conflicts_told
from workflow.permissions import Actor
from workflow.queries import get_dossier
from workflow.renewals import renew

MADE, WAITING, REFUSED = "made", "waiting", "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one action: its new dossier in conference, its new dossier kept before it, or nothing."""

    reference: str
    outcome: str
    renewed: str | None = None
    stage: str | None = None
    reasons: tuple[str, ...] = ()


def renew_each(application: Host, ids: Iterable[int], actor: Actor) -> list[Outcome]:
    """Renews the dossiers one by one; what is refused stops nothing else."""
    return [_renew(application, id_, actor) for id_ in ids]


def _renew(application: Host, id_: int, actor: Actor) -> Outcome:
    reference, names = "", dict[str, str]()
    try:
        with conflicts_told(), application.write() as db:
            source = get_dossier(db, id_)
            reference, names = source.reference, names_of(source.contract)
            made = renew(db, source, actor, application.now())
            db.flush()
            reasons = (*_sentences(made.waiting, names), *((made.said,) if made.said else ()))
            outcome = MADE if made.is_in_conference else WAITING
            return Outcome(reference, outcome, made.dossier.reference, made.dossier.stage, reasons)
    except RefusedError as error:
        return Outcome(reference, REFUSED, reasons=_sentences(error.findings, names))
    except WorkflowError as error:
        return Outcome(reference, REFUSED, reasons=(error.message,))


def _sentences(findings: Iterable[Finding], names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(str(finding_json(one, names)["message"]) for one in findings if one.blocks)
