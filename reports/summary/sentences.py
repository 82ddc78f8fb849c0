# SPDX-License-Identifier: EUPL-1.2
"""The few sentences of the summary's first page and notes, in French."""

from collections.abc import Iterator

from reports.summary.figures import FindingBlock
from reports.summary.structure import FundingBlock, Summary, Totals
from rules import wording
from rules.catalogue import RULES

SETTLED = {"attested": "attesté", "waived": "levé", "overridden": "dérogation"}


def count(number: int, singular: str, plural: str | None = None) -> str:
    """A number and its noun: 1 dossier, 12 dossiers."""
    noun = singular if abs(number) < 2 else plural or f"{singular}s"
    return f"{wording.number(number)}{wording.NBSP}{noun}"


def asked(summary: Summary) -> str:
    """What is asked of the committee, in one or two sentences."""
    totals = summary.totals
    if not totals.dossiers:
        return "Aucun dossier n’est inscrit à l’ordre du jour de cette séance."
    if summary.header.status == "closed":
        return f"Le comité s’est prononcé sur {count(totals.dossiers, 'dossier')} et a retenu {wording.euros(totals.retained)}."
    decide = f"Le comité est appelé à se prononcer sur {count(totals.dossiers, 'dossier')}"
    return (
        f"{decide}, pour {wording.euros(totals.proposed)} proposés sur {wording.euros(totals.requested)} demandés. "
        "Les montants retenus le sont sous réserve de la décision de chaque financeur."
    )


def attention(totals: Totals) -> list[str]:
    """What deserves a look before deciding; empty when all is in order."""
    return list(_points(totals))


def _points(totals: Totals) -> Iterator[str]:
    law = totals.ordinary_law
    if totals.blocked:
        verb = "porte" if totals.blocked == 1 else "portent"
        yield f"{count(totals.blocked, 'dossier')} {verb} un constat bloquant."
    if totals.unfavourable:
        yield f"{count(totals.unfavourable, 'dossier')} avec un avis de synthèse défavorable."
    if totals.with_reservations:
        yield f"{count(totals.with_reservations, 'dossier')} avec des réserves de l’instructeur chef de file."
    if totals.late_opinions:
        yield f"{count(totals.late_opinions, 'avis', 'avis')} de partenaires en retard."
    if law.unanswered_lines:
        yield f"{count(len(law.unanswered_lines), 'ligne')} de droit commun sans réponse."
    if law.declined_lines:
        yield f"{count(len(law.declined_lines), 'ligne')} de droit commun refusées avec motif."
    if totals.overrides:
        noun = "dérogation à une condition locale"
        yield f"{count(totals.overrides, noun, 'dérogations à des conditions locales')}, avec motif."
    if totals.recusals:
        yield f"{count(totals.recusals, 'déport')} à constater en séance."


def settled_note(finding: FindingBlock) -> str:
    """How a person settled the finding, if one did."""
    word = SETTLED.get(finding.settled or "")
    return f", {word}" if word else ""


def rule_address(rule: str, base: str | None) -> str:
    """The address of a rule's page on the site; empty for a guard, or where no site is known."""
    found = RULES.get(rule)
    return f"{base}{found.page}" if base is not None and found is not None else ""


def last_year_note(line: FundingBlock) -> str:
    """A mark on an amount of N-1 that comes from the porteur's awards, not from the same action."""
    return f"{wording.NBSP}*" if line.last_year_source == "awards" else ""
