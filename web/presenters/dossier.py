# SPDX-License-Identifier: EUPL-1.2
"""The dossier page: what is asked, where it stands, what the rules say, who thinks what, who gives what, what was done."""

from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from reports.summary.words import Words, words_of
from rules.catalogue import RULES
from rules.themes.pieces import PIECES
from rules.wording import euros
from web.presenters.asked import asked_view
from web.presenters.attention import news_block, presence_view
from web.presenters.exchanges import thread_block
from web.presenters.findings import finding_groups, withdrawal_form
from web.presenters.funding import funding_table, open_line_form
from web.presenters.history import history, written_day
from web.presenters.opinions import opinion_rounds
from web.presenters.people import named_in
from web.presenters.pieces import pieces_block
from web.presenters.porteur import porteur_words
from web.presenters.reader import Reader
from web.presenters.reminders import reminder_rows
from web.presenters.stages import path_of, tone_of
from web.presenters.synthesis import synthesis_view
from web.presenters.transitions import actions_of
from workflow.attention import seen_before
from workflow.completion import may_complete
from workflow.contracts import territory_of
from workflow.decisions import has_decisions
from workflow.examination import examine
from workflow.exchanges import thread_of
from workflow.models import Dossier, Waiver
from workflow.plan_reopening import reopened_lines
from workflow.queries import journal_of
from workflow.settlements import authors_of, may_withdraw
from workflow.stages import STAGE_LABELS, Stage
from workflow.structured import trajectory_of
from workflow.territory import Territory

REPORTS = {"recu": "reçu", "manquant": "manquant", "sans_objet": "sans objet"}
SETTLEMENTS = {"attested": "Attesté", "waived": "Levé", "overridden": "Dérogation"}
CPO_REASONS = {"petite": "petite association", "parcours": "parcours", "structurante": "action structurante"}


def dossier_view(db: Session, dossier: Dossier, reader: Reader) -> dict[str, Any]:
    """Everything the page shows to whoever instructs; a porteur has its own (`web/presenters/own.py`)."""
    territory = territory_of(dossier.contract)
    words = words_of(territory)
    for line in dossier.lines:
        words.line(line.key)
    journal = journal_of(db, f"dossier:{dossier.id}")
    acts = history(journal, words.names | named_in(db, journal), words.lines)
    thread = thread_block(dossier, thread_of(db, dossier, reader.actor), reader)
    seen = seen_before(db, dossier.id, reader.actor, reader.now)
    last_seq = journal[-1].seq if journal else 0
    view = heading(dossier) | {
        "news": news_block(acts, thread["messages"], seen, reader),
        "thread": thread,
        "pieces": pieces_block(db, dossier, reader),
        "presence": presence_view(db, dossier.id, reader),
        "last_seq": last_seq,
        "decided": has_decisions(db, dossier.id),
        "may_complete": may_complete(dossier, reader.actor),
        "about": about(dossier, territory, words),
        "completion": _completion(dossier) if dossier.stage == Stage.INCOMPLETE else None,
        "actions": dossier_actions(db, dossier, words, reader),
        "funding": funding_table(dossier, words, reader.actor),
        "reopened": _reopened(dossier, words) if dossier.stage == Stage.COMMITTED else [],
        "budget": _budget(dossier),
        "history": acts,
    }
    view["asked"] = asked_view(dossier, view["actions"], thread, words, reader)
    return view | _instruction(db, dossier, words, reader)


def action_view(db: Session, dossier: Dossier, reader: Reader) -> dict[str, Any]:
    """The page of one transition: what identifies the dossier, and what may be done on it."""
    words = words_of(territory_of(dossier.contract))
    return heading(dossier) | {"actions": dossier_actions(db, dossier, words, reader)}


def dossier_actions(db: Session, dossier: Dossier, words: Words, reader: Reader) -> list[dict[str, Any]]:
    """The transitions of the dossier for this reader, each with its form or its reasons."""
    return actions_of(db, dossier, reader.actor, reader.now, f"/dossiers/{dossier.id}", names=words.names)


def heading(dossier: Dossier) -> dict[str, Any]:
    """What identifies a dossier on each of its pages."""
    return {
        "dossier": dossier,
        "stage_label": STAGE_LABELS[Stage(dossier.stage)],
        "stage_tone": tone_of(dossier.stage),
        "path": path_of(dossier.stage),
        "stage_since": dossier.stage_since,
    }


def _completion(dossier: Dossier) -> dict[str, Any] | None:
    """The pieces asked for and until when."""
    asked = dossier.completion
    return {**asked, "due": written_day(str(asked.get("due", "")))} if asked else None


def _instruction(db: Session, dossier: Dossier, words: Words, reader: Reader) -> dict[str, Any]:
    findings = examine(dossier, reader.now)
    authors = authors_of(db, dossier) if dossier.waivers else {}
    return {
        "groups": finding_groups(findings, dossier, reader.actor, words.names, words.lines),
        "settlements": [
            _settlement(dossier, waiver, words, may=may_withdraw(dossier, waiver, reader.actor, authors))
            for waiver in dossier.waivers
        ],
        "reminders": reminder_rows(db, dossier, words, reader.now),
        "rounds": opinion_rounds(dossier, reader),
        "synthesis": synthesis_view(dossier, words),
        "open_line_form": open_line_form(dossier, words, reader.actor),
    }


def about(dossier: Dossier, territory: Territory, words: Words) -> list[tuple[str, str]]:
    """The request in a few lines, what is unknown said so; what has no object is left out."""
    return [(label, value) for label, value in _about(dossier, territory, words) if value is not None]


def _about(dossier: Dossier, territory: Territory, words: Words) -> list[tuple[str, str | None]]:
    labels = territory.objective_labels
    groups = {theme.code: theme.label for theme in territory.themes}
    return [
        ("Résumé", dossier.summary or ""),
        ("Porteur", porteur_words(dossier.porteur, territory.geography)),
        ("Quartiers", _list(dossier.qpv, {c: f"{words.qpv.get(c, c)} ({c})" for c in dossier.qpv or ()})),
        ("Objectifs", _list(dossier.objectives, {code: f"{code} {label}" for code, label in labels.items()})),
        ("Thématiques", _list(dossier.themes, groups)),
        ("Bénéficiaires", _beneficiaries(dossier)),
        ("Publics", _list(dossier.publics, {})),
        ("Période", _period(dossier)),
        (
            "Appel",
            next(
                (c.label for c in territory.calls if c.code == dossier.call),
                dossier.call or "au fil de l’eau",
            ),
        ),
        ("CPO", _cpo(dossier)),
        ("Indicateurs de la CPO", _list(dossier.cpo_indicators, {}) if dossier.cpo else None),
        ("Trajectoire de la CPO", _trajectory(dossier) if dossier.cpo else None),
        ("Renouvellement", _renewal(dossier)),
        ("Pièces reçues", _list(dossier.pieces, dict(PIECES))),
        ("Convention", _convention(dossier)),
        ("Bilan intermédiaire", _interim_report(dossier)),
        ("Chef de file", dossier.lead_instructor.name if dossier.lead_instructor else "non désigné"),
        ("Groupe thématique", groups.get(dossier.theme or "", "")),
    ]


def _list(codes: list[str] | None, labels: dict[str, str]) -> str:
    if codes is None:
        return ""
    return ", ".join(labels.get(code, code) for code in codes) or "aucun"


def _beneficiaries(dossier: Dossier) -> str:
    if dossier.has_individual_beneficiaries is False:
        return "sans bénéficiaires individuels (ingénierie, formation d’acteurs)"
    if dossier.beneficiaries_total is None:
        return ""
    inside = (
        "nombre en QPV inconnu"
        if dossier.beneficiaries_qpv is None
        else f"dont {dossier.beneficiaries_qpv} en QPV"
    )
    return f"{dossier.beneficiaries_total}, {inside}"


def _period(dossier: Dossier) -> str:
    if dossier.starts_on is None and dossier.ends_on is None:
        return ""
    begin, end = (f"{day:%d/%m/%Y}" if day else "?" for day in (dossier.starts_on, dossier.ends_on))
    return f"du {begin} au {end}"


def _cpo(dossier: Dossier) -> str:
    if dossier.cpo is None:
        return ""
    if not dossier.cpo:
        return "non, financement annuel"
    years = f", {dossier.cpo_years} ans" if dossier.cpo_years else ""
    reason = CPO_REASONS.get(dossier.cpo_reason or "", "")
    return f"oui{years}{' – ' + reason if reason else ''}"


def _trajectory(dossier: Dossier) -> str:
    planned = trajectory_of(dossier.cpo_trajectory) or ()
    return ", ".join(f"{euros(amount)} en {year}" for year, amount in planned)


def _convention(dossier: Dossier) -> str | None:
    """The convention once recorded; nothing to say before."""
    kept = dossier.follow_up
    if not kept.get("convention"):
        return None
    signed, published = (kept.get(name) for name in ("convention_signed_on", "published_on"))
    parts = [str(kept["convention"])]
    parts += [f"signée le {written_day(signed)}"] if signed else ["date de signature non renseignée"]
    parts += [f"données essentielles publiées le {written_day(published)}"] if published else []
    return ", ".join(parts)


def _interim_report(dossier: Dossier) -> str | None:
    received = dossier.follow_up.get("interim_report_on")
    return f"reçu le {written_day(received)}" if received else None


def _renewal(dossier: Dossier) -> str:
    if dossier.renewal is None:
        return ""
    report = REPORTS.get(dossier.previous_report or "", "non renseigné")
    return f"renouvellement, bilan précédent : {report}" if dossier.renewal else "première demande"


def _budget(dossier: Dossier) -> list[dict[str, Any]]:
    sides = (("charge", "Charges"), ("produit", "Produits"))
    shown = []
    for side, label in sides:
        rows = sorted((b for b in dossier.budget if b.side == side), key=lambda b: b.account)
        planned = [row.planned for row in rows if row.planned is not None]
        if rows:
            shown.append({"label": label, "rows": rows, "total": sum(planned, Decimal(0))})
    return shown


def _reopened(dossier: Dossier, words: Words) -> list[dict[str, Any]]:
    """The acts that differ from what was retained: the plan is open again until a revised one is received."""
    return [
        {
            "label": words.line(key),
            "retained": Decimal(str(said["retained"])),
            "granted": Decimal(str(said["granted"])),
            "on": said["on"],
        }
        for key, said in reopened_lines(dossier).items()
    ]


def _settlement(dossier: Dossier, waiver: Waiver, words: Words, *, may: bool) -> dict[str, Any]:
    return {
        "rule": RULES[waiver.rule].label if waiver.rule in RULES else waiver.rule,
        "line": words.line(waiver.line) if waiver.line else "",
        "kind": SETTLEMENTS.get(waiver.kind, waiver.kind),
        "by": waiver.by,
        "at": waiver.at,
        "reason": waiver.reason,
        "form": withdrawal_form(dossier, waiver.id) if may else None,
    }
