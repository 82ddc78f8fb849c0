# SPDX-License-Identifier: EUPL-1.2
"""Guards of the submission and of what any phase shares: reason, required inputs, recusal of the one who acts."""

from collections.abc import Iterable

from rules.engine import stopping, surviving_lines
from rules.findings import Finding
from workflow.examination import examine
from workflow.facts import dossier_facts
from workflow.firing import Firing, Transition, refusal
from workflow.guards.commitment import Closing


def shared(firing: Firing, row: Transition) -> Iterable[Finding]:
    """What every row asks: its reason, its required inputs."""
    if row.reason_required and not (firing.reason or "").strip():
        yield refusal("guard.reason", label=row.label)
    missing = [
        item.label for item in row.inputs if item.required and firing.details.get(item.name) in (None, "", [])
    ]
    if missing:
        yield refusal("guard.input", label=row.label, names=missing)


def registrable(firing: Firing) -> Iterable[Finding]:
    """Only what registers a request: porteur, title, year, one amount. The rest becomes findings."""
    dossier = firing.dossier
    missing = []
    if not dossier.porteur.name.strip():
        missing.append("le porteur")
    if not dossier.title.strip():
        missing.append("l’intitulé")
    if not dossier.year:
        missing.append("l’année")
    if dossier.total_cost is None and all(line.requested is None for line in dossier.lines):
        missing.append("un montant (coût total ou demande à un financeur)")
    if missing:
        yield refusal("guard.registrable", missing=missing)


def completion_named(firing: Firing) -> Iterable[Finding]:
    """The deadline given to the porteur is ahead."""
    due = firing.details.get("due")
    if due is not None and due <= firing.today:
        yield refusal("guard.completion_due", due=due)


def admissible_by_rules(firing: Firing) -> Iterable[Finding]:
    """No blocking dossier rule of the submission violated, undetermined ones settled, one line left."""
    findings = examine(firing.dossier, firing.now, stage="submission")
    firing.findings.extend(findings)
    facts = dossier_facts(firing.dossier, firing.territory, firing.today)
    yield from stopping(findings, facts)
    if not surviving_lines(findings, facts):
        yield refusal("guard.one_line_left")


def keeps_findings(firing: Firing) -> Iterable[Finding]:
    """Keeps what the rules say with the decision, and refuses nothing."""
    firing.findings.extend(examine(firing.dossier, firing.now, stage="submission"))
    return ()


def no_declared_interest(firing: Firing) -> Iterable[Finding]:
    """Whoever organises the procedure has declared no interest at the porteur's.

    A mandate at the porteur's does not stop them here: the pilot's own actions must be dispatched by someone. What a séance
    decides is the séance's: who closes it only records.
    """
    if isinstance(firing.details.get("closing"), Closing):
        return
    if firing.dossier.porteur_id in firing.actor.declared:
        yield refusal("guard.own_cause")


def not_concerned(firing: Firing) -> Iterable[Finding]:
    """The one who acts holds nothing at the porteur's."""
    if firing.actor.is_concerned_by(firing.dossier.porteur_id):
        yield refusal("guard.own_cause")
