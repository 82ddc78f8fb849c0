# SPDX-License-Identifier: EUPL-1.2
"""Guards of the co-instruction: opinions with their due date, the lead instructor's synthesis."""

from collections.abc import Iterable

from rules.findings import Finding
from workflow.criteria import out_of_grid
from workflow.firing import Firing, notice, refusal
from workflow.guards.submission import not_concerned
from workflow.models import Opinion
from workflow.stages import OPINION_LABELS, STAGE_LABELS, OpinionState, OpinionValue, Stage

ANSWERING_STAGES = (Stage.CO_INSTRUCTION, Stage.FINANCERS_CONFERENCE)
EXPLAINED = frozenset({OpinionValue.FAVOURABLE_WITH_RESERVATIONS, OpinionValue.UNFAVOURABLE})


def due_ahead(firing: Firing) -> Iterable[Finding]:
    """The opinions' due date, when typed, is ahead."""
    due = firing.details.get("due")
    if due is not None and due <= firing.today:
        yield refusal("guard.opinions_due", due=due)


def opinions_in(firing: Firing) -> Iterable[Finding]:
    """Each opinion of the round given, or overdue and noted."""
    dossier = firing.dossier
    open_ones = [
        opinion
        for opinion in dossier.opinions
        if opinion.round == dossier.round and opinion.state == OpinionState.REQUESTED
    ]
    waiting = [opinion for opinion in open_ones if opinion.due_on >= firing.today]
    late = [
        opinion for opinion in open_ones if opinion.due_on < firing.today and not opinion.overdue_noted_by
    ]
    if waiting:
        due = max(opinion.due_on for opinion in waiting)
        yield refusal("guard.opinions_in", "waiting", due=due, organisations=_names(waiting))
    if late:
        yield refusal("guard.opinions_in", "late", organisations=_names(late))


def _names(opinions: list[Opinion]) -> list[str]:
    return [opinion.organisation.name for opinion in opinions]


def synthesis_written(firing: Firing) -> Iterable[Finding]:
    """The synthesis of this round exists."""
    synthesis = firing.dossier.synthesis
    if not synthesis or synthesis.get("round") != firing.dossier.round:
        yield refusal("guard.synthesis")


def citizens_heard(firing: Firing) -> Iterable[Finding]:
    """Tells when the conseil citoyen was not consulted; never blocks."""
    if not firing.dossier.citizens_opinion:
        yield notice("guard.citizens")


def opinion_stage(firing: Firing) -> Iterable[Finding]:
    """An opinion is given during the co-instruction, or late, until the conference is over."""
    if firing.dossier.stage not in ANSWERING_STAGES:
        yield refusal("guard.stage", stage=STAGE_LABELS[Stage(firing.dossier.stage)])


def opinion_round(firing: Firing) -> Iterable[Finding]:
    """An opinion of an earlier round stays as it was given."""
    opinion: Opinion = firing.subject
    if opinion.round != opinion.dossier.round:
        yield refusal("guard.round", round=opinion.round, current=opinion.dossier.round)


def opinion_value(firing: Firing) -> Iterable[Finding]:
    """One of the four values."""
    value = firing.details.get("value")
    if value is not None and value not in tuple(OpinionValue):
        yield refusal("guard.value", name="l’avis", value=value, expected=[v.value for v in OpinionValue])


def opinion_explained(firing: Firing) -> Iterable[Finding]:
    """Reservations and an unfavourable opinion are explained to whoever writes the synthesis."""
    value = firing.details.get("value")
    if value in EXPLAINED and not str(firing.details.get("text") or "").strip():
        yield refusal("guard.opinion_text", value=OPINION_LABELS[OpinionValue(str(value))])


def opinion_grid(firing: Firing) -> Iterable[Finding]:
    """Each answer to the grid is one of its criteria, on its scale."""
    for code, rank, criterion in out_of_grid(firing.subject, firing.details.get("criteria") or ()):
        if criterion is None:
            yield refusal("guard.opinion_grid", "unknown", criterion=code, field=f"critere-{code}")
        else:
            yield refusal(
                "guard.opinion_grid",
                "scale",
                criterion=criterion.label,
                rank=rank,
                last=len(criterion.scale) - 1,
                field=f"critere-{code}",
            )


def opinion_recusal(firing: Firing) -> Iterable[Finding]:
    """Nobody gives an opinion on their own organisation's dossier."""
    yield from not_concerned(firing)
