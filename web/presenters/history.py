# SPDX-License-Identifier: EUPL-1.2
"""The journal in French: what was done, on what, by whom, why."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from rules import wording
from rules.catalogue import RULES
from rules.render import reason_shown
from workflow.amendments import AMEND, END, RENOUNCE
from workflow.completion import COMPLETABLE, REQUEST, STRUCTURED, TRIGGER
from workflow.forecasts import SET
from workflow.located.recording import FORGET, LOCATE
from workflow.models import Journal
from workflow.payments import CORRECT_PAID, PAY, SPEND
from workflow.pieces import ADD, WITHDRAW
from workflow.readings import READ
from workflow.renewals import RENEW
from workflow.request.reporting import INTERIM
from workflow.request.writing import BUDGET_TRIGGER
from workflow.stages import DECISION_LABELS, OPINION_LABELS, STATE_LABELS
from workflow.transitions import TABLES

LABELS: dict[tuple[str, str], str] = {
    (table.name, row.trigger): row.label for table in TABLES for row in table.rows
}
OTHERS = {
    "register": "Enregistrer la demande",
    "update": "Mettre à jour la demande",
    TRIGGER: "Compléter ou corriger la demande",
    BUDGET_TRIGGER: "Corriger le budget",
    INTERIM: "Envoyer le bilan intermédiaire",
    LOCATE: "Localiser les bénéficiaires",
    FORGET: "Effacer la localisation des bénéficiaires",
    ADD: "Ajouter une pièce",
    WITHDRAW: "Retirer une pièce",
    SET: "Corriger une prévision de la CPO",
    RENEW: "Créer l’année suivante de la CPO",
    READ: "Relever les indicateurs de la CPO",
    AMEND: "Enregistrer un avenant de la CPO",
    END: "Mettre fin à la CPO avant terme",
    RENOUNCE: "Renoncer aux années suivantes de la CPO",
    PAY: "Enregistrer un versement",
    CORRECT_PAID: "Corriger le total versé",
    SPEND: "Enregistrer le réalisé d’après le bilan",
    "settle": "Régler un constat",
    "withdraw_settlement": "Retirer le règlement d’un constat",
    "propose": "Proposer un montant",
    "write_synthesis": "Écrire la synthèse d’instruction",
    "record_citizens_opinion": "Noter l’avis du conseil citoyen",
    "note_overdue": "Constater un avis en retard",
    "plan": "Prévoir la séance",
    "set_agenda": "Fixer l’ordre du jour",
    "answer": "Répondre à la convocation",
    "invite": "Inviter",
    "presence": "Noter une présence",
    "recuse": "Noter un déport",
    "decide": "Saisir une décision",
    "retain": "Saisir un montant retenu",
    "create_scenario": "Créer un scénario",
    "rename_scenario": "Renommer ou annoter un scénario",
    "delete_scenario": "Supprimer un scénario",
    "set_scenario_amounts": "Saisir des montants dans un scénario",
    "lock_scenario": "Verrouiller des montants d’un scénario",
    "unlock_scenario": "Déverrouiller des montants d’un scénario",
    "adopt_scenario": "Adopter un scénario",
    "cancel_adoption": "Annuler l’adoption d’un scénario",
    "ask_correction": "Demander une rectification",
    "correct": "Inscrire pour rectification",
    "validate": "Valider au programme de l’année",
    "send_back": "Renvoyer en comité de pilotage",
    "report_to_steering": "Porter à la connaissance du comité de pilotage",
}
WORDS = {
    "attested": "attesté",
    "waived": "levé",
    "overridden": "dérogation",
    "present": "présent",
    "remote": "à distance",
    "absent": "absent",
    "represented": "représenté",
    "excused": "excusé",
} | {str(k): v for k, v in (DECISION_LABELS | OPINION_LABELS).items()}
SHOWN = {
    "scenario": "scénario",
    "parent": "dérivé de",
    "was": "auparavant",
    "lines": "lignes",
    "lines_named": "lignes",
    "left_out": "montants écartés",
    "amount": "montant",
    "authority": "autorité",
    "number": "numéro",
    "date": "date",
    "due": "échéance",
    "pieces": "pièces",
    "piece": "pièce",
    "lead": "chef de file",
    "theme": "groupe",
    "partners": "partenaires",
    "holders": "droit commun",
    "scheme": "dispositif",
    "value": "avis",
    "text": "texte",
    "questions": "questions",
    "opinion": "avis",
    "kind": "constat",
    "rule": "règle",
    "line": "ligne",
    "decision": "décision",
    "reference": "dossier",
    "presence": "présence",
    "person": "personne",
    "persons": "personnes",
    "before": "avant",
    "after": "après",
    "amounts": "montants",
    "forecasts": "prévu les années suivantes",
    "released": "libéré",
    "to_recover": "à récupérer",
    "year": "année",
    "last_year": "dernière année",
    "total": "total",
    "readings": "relevés",
    "convoked": "convoqués",
    "answer": "réponse",
    "by": "par",
    "invited": "invités",
    "unreachable": "sans adresse",
    "days_late": "jours de retard",
    "summary_digest": "empreinte de la synthèse lue",
    "statement": "parole de l’organisme",
    "located_total": "personnes dans le fichier",
    "located_inside": "en QPV du contrat",
    "located_outside": "hors de ces QPV",
    "located_elsewhere": "dont en QPV d’un autre contrat",
    "located_to_check": "à vérifier",
}
MONEY = frozenset({"amount", "amounts", "before", "after", "forecasts", "released", "to_recover", "total"})
DAYS = frozenset({"date", "due"})


def history(
    journal: Sequence[Journal], names: Mapping[str, str], lines: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The newest first."""
    return [_act(line, names, lines) for line in reversed(journal)]


def _act(act: Journal, names: Mapping[str, str], lines: Mapping[str, str]) -> dict[str, Any]:
    kind, _, rest = act.subject.partition(":")
    label = LABELS.get((kind, act.trigger)) or OTHERS.get(act.trigger, act.trigger)
    states = STATE_LABELS.get(kind, {})
    moved = act.from_state != act.to_state and act.to_state is not None
    return {
        "seq": act.seq,
        "by": act.actor,
        "trigger": act.trigger,
        "is_new": False,
        "at": act.at,
        "actor": names.get(act.actor, act.actor),
        "automatic": act.automatic,
        "label": label,
        "about": _about(kind, rest, names, lines),
        "from": states.get(act.from_state or "", act.from_state) if moved else None,
        "to": states.get(act.to_state or "", act.to_state) if moved else None,
        "reason": reason_shown(act.reason) if act.reason else act.reason,
        "details": _corrections(act, names, lines)
        if act.trigger == TRIGGER
        else _details(act.details, names, lines),
        "is_stage": kind == "dossier" and moved,
    }


def _about(kind: str, rest: str, names: Mapping[str, str], lines: Mapping[str, str]) -> str:
    if kind == "line":
        return lines.get(rest) or wording.credit(rest, names)
    if kind == "opinion":
        code = rest.rpartition(":")[0]
        return names.get(code, code)
    return ""


def _details(details: Mapping[str, Any], names: Mapping[str, str], lines: Mapping[str, str]) -> list[str]:
    known = {**names, **lines, **WORDS, **{rule.id: rule.label for rule in RULES.values()}}
    return [
        f"{label} : {_shown(name, details[name], known)}"
        for name, label in SHOWN.items()
        if _says(details.get(name))
    ]


def _corrections(act: Journal, names: Mapping[str, str], lines: Mapping[str, str]) -> list[str]:
    """What a completion changed, field by field."""
    known = {name: item.label for name, item in COMPLETABLE.items()}
    known |= {f"{REQUEST}{line}": f"demandé, {label}" for line, label in lines.items()}
    return [
        f"{known.get(name, name)} : {_field(name, change['before'], names)} → {_field(name, change['after'], names)}"
        for name, change in act.details.items()
    ]


def _field(name: str, text: str, names: Mapping[str, str]) -> str:
    """What a field of the request held, as people say it."""
    if not text:
        return "inconnu"
    kind = COMPLETABLE[name].kind if name in COMPLETABLE else "amount" if name.startswith(REQUEST) else ""
    if kind == "amount":
        return _euros(text)
    if kind == "date":
        return written_day(text)
    if kind == "list":
        said = _dated if name in STRUCTURED else names.get
        return ", ".join(said(part, part) for part in text.split("|"))
    return names.get(text, text) if name == "porteur_commune" else text


def _dated(part: str, _: str) -> str:
    """One entry of a trajectory or of the aids received: a year or a day, with its amount (`2026=8000.00`)."""
    first, _, rest = part.partition("=")
    amount, _, note = rest.partition(" ")
    return f"{written_day(first)}\u00a0: {_euros(amount)}{f' ({note})' if note else ''}"


def _says(value: Any) -> bool:
    return value not in (None, "", [], {})


def _shown(name: str, value: Any, known: Mapping[str, str]) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{_place(str(k), known)} {_shown(name, v, known)}" for k, v in value.items())
    if isinstance(value, list):
        return ", ".join(_shown(name, item, known) for item in value)
    text = str(value)
    if name in MONEY:
        return _euros(text)
    return written_day(text) if name in DAYS else known.get(text, text)


def _place(key: str, known: Mapping[str, str]) -> str:
    """A line, a year, or a line of a year (« 2027 etat:specifique »)."""
    year, _, line = key.partition(" ")
    return f"{known.get(line, line)} en {year}\u00a0:" if line and year.isdigit() else known.get(key, key)


def _euros(text: str) -> str:
    """An amount as the journal writes it (`4000.00`), as people do."""
    try:
        return wording.euros(Decimal(text))
    except InvalidOperation:
        return text


def written_day(text: str) -> str:
    """A day as the record keeps it (`2026-12-08`), as people write it."""
    try:
        return wording.day(date.fromisoformat(text))
    except ValueError:
        return text
