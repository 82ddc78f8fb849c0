# SPDX-License-Identifier: EUPL-1.2
"""The few sentences of the summary's first page and notes, in French: before the séance what is asked, after it what was decided."""

from collections import Counter
from collections.abc import Iterator

from reports.summary.figures import CpoBlock, FindingBlock, TogetherBlock
from reports.summary.structure import FundingBlock, Summary, Totals
from rules import wording
from rules.catalogue import RULES
from rules.wording import NBSP

SETTLED = {"attested": "attesté", "waived": "levé", "overridden": "dérogation"}
TITLES = {"closed": "Ce qui a été décidé", "cancelled": "Séance annulée"}
NAMED = 6  # how many references are told of a group of actions
RESERVE = "sous réserve de la décision de chaque financeur"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """A number and its noun: 1 dossier, 12 dossiers."""
    noun = singular if abs(number) < 2 else plural or f"{singular}s"
    return f"{wording.number(number)}{NBSP}{noun}"


def said(label: str, value: str) -> str:
    """A label and its value, as French writes them."""
    return f"{label}{NBSP}: {value}"


def listed(parts: list[str]) -> str:
    """Parts of one line, as French separates them."""
    return f"{NBSP}; ".join(parts)


def glance_title(summary: Summary) -> str:
    """The title of the first page."""
    return TITLES.get(summary.header.status, "Ce qui est demandé au comité")


def asked(summary: Summary) -> str:
    """What is asked of the committee, or what it decided, in one or two sentences."""
    totals, status = summary.totals, summary.header.status
    if status == "cancelled":
        return f"Cette séance n’a pas lieu{NBSP}: rien n’est demandé au comité."
    if not totals.dossiers:
        return "Aucun dossier n’est inscrit à l’ordre du jour de cette séance."
    if status == "closed":
        return _decided(summary)
    return (
        f"Se prononcer sur {count(totals.dossiers, 'dossier')}, pour {wording.euros(totals.proposed)} proposés sur "
        f"{wording.euros(totals.requested)} demandés. Les montants sont retenus {RESERVE}."
    )


def _decided(summary: Summary) -> str:
    totals = summary.totals
    counts = Counter(block.decision_label for block in summary.dossiers if block.decision_label)
    kinds = listed([f"{wording.number(n)}{NBSP}{label}{'s' if n > 1 else ''}" for label, n in counts.items()])
    detail = f" ({kinds})" if kinds else ""
    return (
        f"Le comité s’est prononcé sur {count(totals.dossiers, 'dossier')}{detail}. Il a retenu "
        f"{wording.euros(totals.retained)} sur {wording.euros(totals.requested)} demandés, {RESERVE}."
    )


def attention(summary: Summary) -> list[str]:
    """What deserves a look before deciding; empty when all is in order, and once all is decided."""
    return [] if summary.header.status in TITLES else list(_points(summary.totals))


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
        refused = "refusée" if len(law.declined_lines) == 1 else "refusées"
        yield f"{count(len(law.declined_lines), 'ligne')} de droit commun {refused} avec motif."
    if totals.overrides:
        noun = "dérogation à une condition locale"
        yield f"{count(totals.overrides, noun, 'dérogations à des conditions locales')}, avec motif."
    if totals.recusals:
        yield f"{count(totals.recusals, 'déport')} à constater en séance."


def adopted(summary: Summary) -> str:
    """Which scenario the amounts come from, and what the solver says of it; empty without any."""
    found = summary.adopted
    if found is None:
        return ""
    on = wording.day(found.adopted_at.astimezone(wording.PARIS).date())
    parts = (f"Les montants sont ceux du scénario «{NBSP}{found.name}{NBSP}», adopté le {on}.", found.note)
    return " ".join(_ended(part) for part in (*parts, found.statement) if part)


def _ended(sentence: str) -> str:
    return sentence if sentence.rstrip().endswith((".", "!", "?")) else f"{sentence.rstrip()}."


def cpo_sentence(block: CpoBlock) -> str:
    """The multi-year conventions of the programme as it stands."""
    if not block.actions:
        return "Aucune action n’est encore accordée ou retenue."
    return (
        f"{count(block.cpo_actions, 'action')} sur {wording.number(block.actions)} en convention pluriannuelle, soit "
        f"{wording.percent(block.share_actions)} des actions et {wording.percent(block.share_granted)} des montants "
        f"({wording.euros(block.cpo_granted)})."
    )


def cpo_ahead(block: CpoBlock) -> str:
    """What it would be if all that is under instruction were retained."""
    if not block.projected_actions or block.projected_share is None:
        return ""
    more = count(block.projected_actions, "action en instruction", "actions en instruction")
    return f"Avec {more}, si toutes étaient retenues{NBSP}: {wording.percent(block.projected_share)} des actions."


def cpo_verdict(block: CpoBlock) -> str:
    """The objective, whether it is met, and what is missing."""
    met = {True: "atteint", False: "non atteint", None: "à établir"}[block.met]
    verdict = said(f"Objectif de {wording.percent(block.target)}", met)
    if not block.missing_actions or block.met:
        return f"{verdict}."
    missing = f"{verdict}{NBSP}; il manque {count(block.missing_actions, 'action')} à convertir"
    if block.missing_new_actions is not None:
        missing += (
            f", ou {count(block.missing_new_actions, 'nouvelle action', 'nouvelles actions')} en convention"
        )
    return f"{missing}."


def together_sentence(block: TogetherBlock) -> str:
    """One group of actions to bring together."""
    public = "public non renseigné" if block.public is None else said("public", block.public)
    where = wording.listing(block.qpv)
    return (
        f"{said(_first(block.references), block.theme)}, {where}, {public} ({wording.euros(block.amount)})."
    )


def _first(references: tuple[str, ...]) -> str:
    """A few references, then how many more: the lists of a large agenda would fill pages."""
    rest = len(references) - NAMED
    more = [count(rest, "autre")] if rest > 1 else []
    return wording.listing([*references[: NAMED if more else None], *more])


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
    return f"{NBSP}*" if line.last_year_source == "awards" else ""
