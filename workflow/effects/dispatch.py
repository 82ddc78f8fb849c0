# SPDX-License-Identifier: EUPL-1.2
"""Effects of the dispatch and of the co-instruction: who instructs, who is consulted, who must be asked."""

from datetime import date, timedelta

from sqlalchemy import select

from workflow.criteria import ranks
from workflow.firing import Firing
from workflow.guards.dispatch import default_holders, find_instructor, partners_of
from workflow.models import Credit, FundingLine, Opinion, Organisation
from workflow.stages import LineState, OpinionState


def assign(firing: Firing) -> None:
    """Names the lead instructor, the group, the partners and the holders, and opens the lines to ask."""
    dossier = firing.dossier
    lead = find_instructor(firing, str(firing.details["lead"]).strip().lower())
    assert lead is not None  # guarded
    dossier.lead_instructor = lead
    dossier.theme = str(firing.details["theme"])
    dossier.partners = partners_of(firing)
    typed = firing.details.get("holders")
    dossier.holders = list(default_holders(firing) if typed is None else typed)
    _open_lines(firing, dossier.holders)
    firing.recorded.update(
        lead=lead.email, theme=dossier.theme, partners=dossier.partners, holders=dossier.holders
    )
    firing.payload.update(lead=lead.email, theme=dossier.theme)


def _open_lines(firing: Firing, keys: list[str]) -> None:
    """One line per holder concerned, asked; existing ones are asked if they were not."""
    dossier = firing.dossier
    missing = [key for key in keys if dossier.line(key) is None]
    if missing:
        query = select(Credit).where(Credit.contract_id == dossier.contract_id, Credit.code.in_(missing))
        for credit in firing.db.scalars(query.order_by(Credit.rank)):
            dossier.lines.append(
                FundingLine(credit=credit, key=credit.code, year=dossier.year, state="not_asked")
            )
    for key in keys:
        line = dossier.line(key)
        own = line is not None and line.credit.organisation_id == dossier.porteur_id
        if line is not None and line.state == LineState.NOT_ASKED and not own:
            firing.cascade(line, "ask")


def open_opinions(firing: Firing) -> None:
    """Requests one opinion from each partner for this round."""
    dossier = firing.dossier
    due = firing.details.get("due") or firing.today + timedelta(days=firing.territory.opinion_days)
    _request(firing, list(dossier.partners or ()), due)


def open_new_round(firing: Firing) -> None:
    """A question opens a new round; earlier opinions stay."""
    dossier = firing.dossier
    for opinion in dossier.opinions:
        if opinion.state == OpinionState.REQUESTED:
            firing.cascade(opinion, "cancel", reason="nouveau tour d’avis")
    dossier.round += 1
    dossier.question = (firing.reason or "").strip()
    due = firing.details.get("due") or firing.today + timedelta(days=firing.territory.opinion_days)
    _request(firing, partners_of(firing), due)


def _request(firing: Firing, partners: list[str], due: date) -> None:
    dossier = firing.dossier
    dossier.opinions_due_on = due
    rows = firing.db.scalars(select(Organisation).where(Organisation.code.in_(partners)))
    by_code = {row.code: row for row in rows}
    asked = []
    for code in partners:
        organisation = by_code.get(code)
        if organisation is not None and organisation.id != dossier.porteur_id:
            dossier.opinions.append(
                Opinion(
                    organisation=organisation,
                    round=dossier.round,
                    due_on=due,
                    requested_at=firing.now,
                    state="requested",
                )
            )
            asked.append(code)
    firing.recorded.update(due=due.isoformat(), partners=asked, round=dossier.round)
    firing.payload.update(due=due.isoformat(), partners=asked, round=dossier.round)


def give(firing: Firing) -> None:
    """Writes the opinion, all of it in the journal; the financer's word on its own credits' condition goes to its lines."""
    opinion: Opinion = firing.subject
    _sign(firing, opinion)
    opinion.value = str(firing.details["value"])
    opinion.text = str(firing.details.get("text") or "").strip() or None
    opinion.questions = str(firing.details.get("questions") or "").strip() or None
    opinion.criteria = ranks(firing.details.get("criteria") or ()) or None
    confirms = firing.details.get("confirms")
    if confirms is not None:
        for line in opinion.dossier.lines:
            if line.credit.organisation_id == opinion.organisation_id:
                line.condition_confirmed = bool(confirms)
    said = {
        "confirms": None if confirms is None else bool(confirms),
        "value": opinion.value,
        "text": opinion.text,
        "criteria": opinion.criteria,
        "questions": opinion.questions,
    }
    firing.recorded.update({name: value for name, value in said.items() if value is not None})


def _sign(firing: Firing, opinion: Opinion) -> None:
    """Who and when: the first time says whether it came late, a change is a date of its own."""
    if opinion.given_at is not None:
        opinion.changed_at, opinion.changed_by = firing.now, firing.actor.name
        return
    opinion.given_at, opinion.given_by = firing.now, firing.actor.name
    late = (firing.today - opinion.due_on).days
    if late > 0:
        firing.recorded["days_late"] = late
