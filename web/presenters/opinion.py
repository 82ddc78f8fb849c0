# SPDX-License-Identifier: EUPL-1.2
"""The page of one opinion: what its author must know, the form with its grid and drafts, the earlier versions, the next."""

from typing import Any

from sqlalchemy.orm import Session

from reports.summary.words import Words, words_of
from rules.findings import Outcome
from web.forms import Field, FormView, Typed
from web.presenters.dossier import about, heading
from web.presenters.drafts import take_up
from web.presenters.findings import rendered
from web.presenters.funding import total
from web.presenters.opinion_queue import next_box
from web.presenters.opinions import cancel_form, opinion_address, overdue_form, standing
from web.presenters.people import named_in
from web.presenters.reader import Reader, replacements
from workflow.actions import list_actions
from workflow.contracts import territory_of
from workflow.criteria import criteria_of, worded
from workflow.drafts import drafts_on, may_write
from workflow.examination import examine
from workflow.machine import chain_of, name_of
from workflow.models import Dossier, Opinion
from workflow.queries import journal_of
from workflow.queries_opinions import previous_dossier
from workflow.stages import LINE_LABELS, OPINION_LABELS, STAGE_LABELS, LineState, OpinionState, Stage

SHOWN = (
    "Porteur", "Quartiers", "Bénéficiaires", "Publics", "Objectifs", "Période", "CPO", "Renouvellement",
    "Pièces reçues", "Chef de file",
)  # fmt: skip
CRITERION = "critere-"
TOLD = (Outcome.VIOLATED, Outcome.UNDETERMINED)
CONFIRMED = (
    ("oui", "Oui, l’action remplit la condition de notre crédit"),
    ("non", "Non : notre crédit ne peut pas la soutenir"),
    ("", "Nous ne nous prononçons pas"),
)
VALUES = tuple((str(value), label[:1].upper() + label[1:]) for value, label in OPINION_LABELS.items())


def opinion_view(db: Session, opinion: Opinion, reader: Reader, chosen: int | None = None) -> dict[str, Any]:
    """Everything the page shows. `chosen`: a draft to take up."""
    dossier = opinion.dossier
    words = words_of(territory_of(dossier.contract))
    form, drafts = give_form(opinion), None
    if may_write(opinion, reader.actor):
        since = opinion.changed_at or opinion.given_at
        form, drafts = take_up(form, drafts_on(db, opinion, reader.actor), reader, chosen=chosen, since=since)
    stopped = _stopped(db, opinion, reader)
    own = {line.key for line in dossier.lines if line.credit.organisation_id == opinion.organisation_id}
    return heading(dossier) | {
        "opinion": standing(opinion, reader),
        "answers": worded(opinion.criteria, criteria_of(opinion)),
        "form": form if drafts is not None and not stopped else None,
        "grid": [field for field in form.fields if field.name.startswith(CRITERION)],
        "drafts": drafts,
        "stopped": stopped,
        "instead": _instead(db, opinion, reader) if stopped else "",
        "overdue_form": overdue_form(opinion, reader),
        "cancel_form": cancel_form(opinion, reader),
        "summary": dossier.summary,
        "about": _about(dossier, words),
        "lines": _lines(dossier, words, own),
        "cost": dossier.total_cost,
        "requested": total(line.requested for line in dossier.lines),
        "findings": _findings(dossier, reader, words, own),
        "past": _past(db, dossier),
        "versions": _versions(db, opinion),
        "queue": next_box(db, dossier.contract, reader, opinion),
    }


def give_form(opinion: Opinion) -> FormView:
    """The form, filled with the opinion as it was given."""
    answers = opinion.criteria or {}
    grid = [
        Field(
            f"{CRITERION}{criterion.code}",
            criterion.label,
            "radio",
            (str(answers.get(criterion.code, "")),),
            hint=criterion.help or "",
            choices=(*((str(n), word) for n, word in enumerate(criterion.scale)), ("", "sans réponse")),
        )
        for criterion in criteria_of(opinion)
    ]
    hint = "Nécessaires pour un avis défavorable ou avec réserves. Elles sont lues par tous les partenaires."
    asked = "Ce qui vous manque pour conclure : le chef de file les transmet au porteur."
    return FormView(
        action=opinion_address(opinion),
        submit="Modifier l’avis" if opinion.value else "Rendre l’avis",
        version=opinion.version,
        fields=(
            Field("value", "Avis", "radio", (opinion.value or "",), True, choices=VALUES),
            *grid,
            Field("text", "Observations", "long", (opinion.text or "",), hint=hint),
            *_condition(opinion),
            Field("questions", "Questions", "long", (opinion.questions or "",), hint=asked),
        ),
    )


def answers_typed(typed: Typed) -> dict[str, str]:
    """The answers to the grid, by criterion; whether they are on its scale is asked by the table of transitions."""
    names = [name for name in typed.values if name.startswith(CRITERION)]
    return {name.removeprefix(CRITERION): text for name in names if (text := typed.text(name))}


def _condition(opinion: Opinion) -> tuple[Field, ...]:
    """The word on the condition of its own credit, for a partner whose credit has one."""
    credits = territory_of(opinion.dossier.contract).credits
    lines = [line for line in opinion.dossier.lines if line.credit.organisation_id == opinion.organisation_id]
    lines = [line for line in lines if line.key in credits and credits[line.key].condition]
    if not lines:
        return ()
    said = {True: "oui", False: "non", None: ""}[lines[0].condition_confirmed]
    label = f"Condition de votre crédit « {credits[lines[0].key].label} »"
    return (Field("confirms", label, "radio", (said,), choices=CONFIRMED),)


def _stopped(db: Session, opinion: Opinion, reader: Reader) -> list[dict[str, object]]:
    """Why this partner may not give it now: the guards' own words."""
    speaks = reader.actor.speaks_for(opinion.organisation_id, opinion.dossier.contract_id)
    if opinion.state == OpinionState.CANCELLED or not speaks:
        return []
    give = next(a for a in list_actions(db, opinion, reader.actor, reader.now) if a.trigger == "give")
    return [rendered(finding) for finding in give.findings if finding.blocks]


def _instead(db: Session, opinion: Opinion, reader: Reader) -> str:
    """Who gives it in the place of somebody concerned by the porteur."""
    if not reader.actor.is_concerned_by(opinion.dossier.porteur_id):
        return ""
    return replacements(db, opinion.dossier, opinion.organisation, reader)


def _about(dossier: Dossier, words: Words) -> list[tuple[str, str]]:
    known = dict(about(dossier, territory_of(dossier.contract), words))
    return [(label, known[label]) for label in SHOWN if known.get(label)]


def _lines(dossier: Dossier, words: Words, own: set[str]) -> list[dict[str, Any]]:
    return [
        {
            "label": words.line(line.key),
            "requested": line.requested,
            "state": LINE_LABELS[LineState(line.state)],
            "is_own": line.key in own,
        }
        for line in dossier.lines
    ]


def _findings(dossier: Dossier, reader: Reader, words: Words, own: set[str]) -> list[dict[str, object]]:
    """What the rules found amiss on the dossier or on the partner's own lines, the most serious first."""
    found = [
        f for f in examine(dossier, reader.now) if f.outcome in TOLD and (f.line is None or f.line in own)
    ]
    return sorted((rendered(f, words.names) for f in found), key=lambda shown: shown["tone"] != "bad")


def _past(db: Session, dossier: Dossier) -> dict[str, Any] | None:
    """The same action the last time it was filed: where it ended, what it asked and got, what partners thought."""
    past = previous_dossier(db, dossier)
    if past is None:
        return None
    given = [o for o in past.opinions if o.round == past.round and o.value]
    return {
        "id": past.id,
        "reference": past.reference,
        "year": past.year,
        "stage": STAGE_LABELS[Stage(past.stage)],
        "requested": total(line.requested for line in past.lines),
        "granted": total(line.granted if line.granted is not None else line.retained for line in past.lines),
        "opinions": [(o.organisation.name, OPINION_LABELS[o.value], o.text) for o in given],  # type: ignore[index]
    }


def _versions(db: Session, opinion: Opinion) -> list[dict[str, Any]]:
    """The opinion as it was before each change, from the journal, the newest first."""
    if opinion.changed_at is None:
        return []
    about_it = name_of(opinion)
    acts = [a for a in journal_of(db, chain_of(opinion)) if a.subject == about_it and a.trigger == "give"]
    names, asked = named_in(db, acts), criteria_of(opinion)
    return [
        {
            "at": act.at,
            "by": names.get(act.actor, act.actor),
            "label": OPINION_LABELS.get(act.details.get("value", ""), ""),
            "text": act.details.get("text"),
            "questions": act.details.get("questions"),
            "answers": worded(act.details.get("criteria"), asked),
        }
        for act in reversed(acts[:-1])
    ]
