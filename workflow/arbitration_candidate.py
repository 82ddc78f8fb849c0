# SPDX-License-Identifier: EUPL-1.2
"""One dossier of the agenda as the solver reads it: its lines, its remainder, its floor, its points."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from rules.facts import DossierFacts
from rules.lines import DEAD
from rules.money import CENT, obtained
from rules.themes.droit_commun import remainder_of
from workflow.arbitration.problem import UNJUDGED, ZERO, Candidate, Exclusion, Line
from workflow.models import Dossier, FundingLine, Opinion
from workflow.programme_facts import amount_of
from workflow.round_table import PROPOSABLE
from workflow.stages import LineState, OpinionState, OpinionValue
from workflow.territory import Arbitration, Nature, OrganisationKind

ASSOCIATIONS = frozenset({"association", "fondation"})
SETTLED = frozenset({LineState.RETAINED, LineState.GRANTED})


@dataclass(frozen=True, slots=True)
class Known:
    """What is known around one dossier: its facts, the lines its rules exclude, its past, the programme's reading of it."""

    facts: DossierFacts
    ineligible: Collection[str]
    renewed: bool  # the same action was funded the year before
    in_cpo: bool
    qpv: Mapping[str, int]
    poches: int


@dataclass(frozen=True, slots=True)
class Simulated:
    """What is said of the lines already: `typed`, amounts that a scenario simulates; `locks`, those among others to keep."""

    typed: Mapping[int, Decimal] = field(default_factory=dict)
    locks: Mapping[int, Decimal] = field(default_factory=dict)

    def present(self, line: FundingLine) -> Decimal:
        """What a line holds if nobody touches it."""
        if line.state not in PROPOSABLE:
            return ZERO
        return self.typed.get(line.id, line.proposed or ZERO)


def candidate_of(
    dossier: Dossier, known: Known, settings: Arbitration, said: Simulated, excluded: Exclusion | None = None
) -> Candidate:
    """The dossier with its specific lines."""
    cost, _ = remainder_of(known.facts)
    opinions = latest_opinions(dossier)
    lines = tuple(
        _line(dossier, line, known, settings, said.locks, opinions, unknown_cost=cost is None)
        for line in _specific(dossier)
        if line.state not in SETTLED and (line.state != LineState.NOT_ASKED or line.requested is not None)
    )
    left = {line.id for line in lines if line.excluded in UNJUDGED}
    remainder = _remainder(dossier, known, said, left)
    if excluded is None and (dossier.synthesis or {}).get("opinion") == OpinionValue.UNFAVOURABLE:
        excluded = Exclusion.SYNTHESIS
    return Candidate(
        id=dossier.id,
        reference=dossier.reference,
        title=dossier.title,
        score=score_of(dossier, opinions, settings, renewed=known.renewed),
        remainder=remainder,
        lines=lines,
        floor=_floor(lines, remainder, settings),
        qpv=known.qpv,
        poches=known.poches,
        cpo=known.in_cpo,
        convertible=not known.in_cpo and _is_convertible(known),
        excluded=excluded,
    )


def _specific(dossier: Dossier) -> Iterator[FundingLine]:
    lines = (line for line in dossier.lines if line.year == dossier.year)
    return (line for line in lines if line.nature == Nature.SPECIFIQUE)


def _remainder(dossier: Dossier, known: Known, said: Simulated, left: Collection[int]) -> Decimal | None:
    """What is left to fund, less what is settled and what the lines `left` as they are keep; ordinary law as scenarios compare it."""
    remainder, _ = remainder_of(known.facts)
    if remainder is None:
        return None
    obtained_by = {line.key: obtained(line) or ZERO for line in known.facts.lines}
    for line in dossier.lines:
        is_ordinary = line.nature == Nature.DROIT_COMMUN and line.year == dossier.year
        if is_ordinary and line.state in PROPOSABLE:
            remainder -= amount_of(line, said.typed.get(line.id)) - obtained_by[line.key]
    for line in _specific(dossier):
        remainder -= _settled(line) + (said.present(line) if line.id in left else ZERO)
    return remainder


def _settled(line: FundingLine) -> Decimal:
    """What another séance already retained on this line."""
    if line.state not in SETTLED:
        return ZERO
    amount = line.granted if line.granted is not None else line.retained
    return amount or ZERO


def _line(
    dossier: Dossier,
    line: FundingLine,
    known: Known,
    settings: Arbitration,
    locks: Mapping[int, Decimal],
    opinions: Mapping[int, Opinion],
    *,
    unknown_cost: bool,
) -> Line:
    ceiling = _ceiling(dossier, line, settings)
    excluded = _exclusion(dossier, line, known, opinions)
    locked = None if excluded in UNJUDGED else locks.get(line.id)
    if excluded is None and locked is None and unknown_cost:
        excluded = Exclusion.COST_MISSING
    if excluded is None and locked is None and ceiling is None:
        excluded = Exclusion.NO_REQUEST
    most = locked or ZERO if ceiling is None else ceiling
    request = None if ceiling is None else line.requested
    return Line(line.id, line.key, most, min(settings.line_least, most), locked, excluded, request)


def _exclusion(
    dossier: Dossier, line: FundingLine, known: Known, opinions: Mapping[int, Opinion]
) -> Exclusion | None:
    if line.state in DEAD or line.state not in PROPOSABLE:
        return Exclusion.CLOSED
    if line.credit.organisation_id == dossier.porteur_id:
        return Exclusion.OWN_SHARE
    if line.key in known.ineligible:
        return Exclusion.INELIGIBLE
    own = opinions.get(line.credit.organisation_id)
    if own is not None and own.value == OpinionValue.UNFAVOURABLE and line.forecast is None:
        return Exclusion.UNFAVOURABLE
    return None


def _ceiling(dossier: Dossier, line: FundingLine, settings: Arbitration) -> Decimal | None:
    """The request; less when its financer's own answer, or the synthesis if configured so, says less. None: nothing asked."""
    suggested = ((dossier.synthesis or {}).get("suggested") or {}).get(line.key)
    bounds = [line.requested, line.promised]
    if suggested is not None and (settings.ceiling == "suggested" or line.requested is None):
        bounds.append(Decimal(suggested))
    known = [bound for bound in bounds if bound is not None]
    return min(known) if known else None


def _floor(lines: tuple[Line, ...], remainder: Decimal | None, settings: Arbitration) -> Decimal:
    """A share of what it needs, or the least amount, never more than what it needs, nor than what people locked on it."""
    asked = sum((line.ceiling for line in lines), ZERO)
    need = asked if remainder is None else max(ZERO, min(asked, remainder))
    floor = max(settings.floor_least, (settings.floor_share * need).quantize(CENT, ROUND_HALF_UP))
    held = sum((line.locked for line in lines if line.locked), ZERO)
    return min(floor, need, held or need)


def latest_opinions(dossier: Dossier) -> dict[int, Opinion]:
    """The last opinion given by each organisation, in any round; the porteur's own is none."""
    found: dict[int, Opinion] = {}
    for opinion in sorted(dossier.opinions, key=lambda one: (one.round, one.id)):
        if opinion.state == OpinionState.GIVEN and opinion.organisation_id != dossier.porteur_id:
            found[opinion.organisation_id] = opinion
    return found


def score_of(
    dossier: Dossier, opinions: Mapping[int, Opinion], settings: Arbitration, *, renewed: bool
) -> int:
    """Points of each hundred euros: ten times the mean of the opinions, the priority and the continuity; one at least."""
    table = settings.opinions.model_dump()
    given = [
        table[opinion.value or OpinionValue.NO_OPINION]
        for opinion in opinions.values()
        if opinion.organisation.kind != OrganisationKind.CONSEIL_CITOYEN
    ]
    synthesis = (dossier.synthesis or {}).get("opinion")
    if synthesis is not None:
        given += [table[synthesis]] * settings.synthesis_weight
    mean = Decimal(sum(given)) / len(given) if given else Decimal(settings.opinions.no_opinion)
    more = _priority(dossier, settings) + (
        settings.continuity_points if renewed or dossier.renewal is True else 0
    )
    return max(1, int((10 * (mean + more)).to_integral_value(ROUND_HALF_UP)))


def _priority(dossier: Dossier, settings: Arbitration) -> int:
    named = dossier.objectives or ()
    return max(
        (
            one.points
            for one in settings.priorities
            if any(code == one.objective or code.startswith(f"{one.objective}.") for code in named)
        ),
        default=0,
    )


def _is_convertible(known: Known) -> bool:
    """An association whose action already ran, or small, or with a CPO's profile: those the contract aims a CPO at."""
    facts = known.facts
    return facts.porteur_form in ASSOCIATIONS and bool(
        known.renewed or facts.renewal or facts.is_small_association or facts.cpo_reason
    )
