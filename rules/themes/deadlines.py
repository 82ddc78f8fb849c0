# SPDX-License-Identifier: EUPL-1.2
"""What silence means to a private porteur: the acknowledgement of receipt, and the refusal that two months imply.

Information only: nothing here stops an instruction. Only a financer's own act answers a request: a committee's word,
or a partner's in the instruction, does not.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from rules.days import months_after
from rules.details import CompletionFacts
from rules.facts import DossierFacts, LineFacts, TerritoryFacts
from rules.findings import (
    INFO,
    NOT_APPLICABLE,
    SATISFIED,
    UNDETERMINED,
    VIOLATED,
    Finding,
    LineOutcome,
    Scope,
)
from rules.forms import is_private
from rules.parameters import ParametersOfDay
from rules.rule import Formula, Rule, aggregate
from rules.source import Source

RECEIPT, REFUSAL = "acknowledgement.receipt", "implicit_refusal.date"
GRANTED, CANCELLED, WITHDRAWN = "granted", "cancelled", "withdrawn"


def check_receipt(dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay) -> Finding:
    """Toute demande d’un organisme privé reçoit un accusé de réception."""
    private = is_private(dossier.porteur_form)
    if private is False:
        return Finding(RECEIPT, NOT_APPLICABLE, INFO, {}, "public_body")
    filed, sent = dossier.filed_on, dossier.acknowledged_on
    if filed is None:
        return Finding(RECEIPT, NOT_APPLICABLE, INFO, {}, "not_filed")
    facts: dict[str, object] = {"filed_on": filed, "acknowledged_on": sent}
    if sent is None and private is None:
        return Finding(RECEIPT, UNDETERMINED, INFO, facts, "not_sent_form_unsure")
    if sent is None:
        return Finding(RECEIPT, VIOLATED, INFO, facts, "not_sent")
    return Finding(RECEIPT, SATISFIED, INFO, facts, "sent")


def implicit_refusal_on(
    filed: date, months: int, completions: Iterable[CompletionFacts] = ()
) -> tuple[date, int]:
    """The last day of the silence after which it is a refusal, and its days of suspension by requests for pieces.

    Suspended during the delay given to produce them; producing them earlier ends it, producing them later changes
    nothing. A day counts once, and a request made when the refusal is already there does not undo it.
    Source: code des relations entre le public et l'administration, articles L. 114-5 and L. 231-4.
    """
    first = end = months_after(filed, months)
    reached = filed
    for start, stop in sorted(_suspension(one) for one in completions):
        if start > end:
            break
        days = max(0, (stop - max(start, reached)).days)
        end += timedelta(days=min(days, (date.max - end).days))
        reached = max(reached, stop)
    return end, (end - first).days


def _suspension(one: CompletionFacts) -> tuple[date, date]:
    stop = one.due_on if one.completed_on is None else min(one.completed_on, one.due_on)
    return one.requested_on, stop


def check_refusal(dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay) -> Finding:
    """Le silence gardé deux mois sur une demande d’un organisme privé vaut refus, financeur par financeur."""
    months = parameters.values["implicit_refusal.months"]
    if months is None:
        return Finding(REFUSAL, NOT_APPLICABLE, INFO, {}, "not_in_force")
    private = is_private(dossier.porteur_form)
    if private is False:
        return Finding(REFUSAL, NOT_APPLICABLE, INFO, {}, "public_body")
    if dossier.stage == WITHDRAWN:
        return Finding(REFUSAL, NOT_APPLICABLE, INFO, {}, "withdrawn")
    if dossier.filed_on is None:
        return Finding(REFUSAL, NOT_APPLICABLE, INFO, {}, "not_filed")
    deadline, suspended = implicit_refusal_on(dossier.filed_on, int(months), dossier.completions)
    facts: dict[str, object] = {"filed_on": dossier.filed_on, "deadline": deadline, "suspended": suspended}
    asked = [line for line in dossier.lines if line.requested and not line.is_own_share]
    waiting = [line for line in asked if not _is_settled(line)]
    if private is None and waiting:
        variant = "form_unsure" if dossier.porteur_form else "form_missing"
        facts["form"] = dossier.porteur_form
        return Finding(REFUSAL, UNDETERMINED, INFO, facts, variant)
    suffix = "_suspended" if suspended else ""
    silence = LineOutcome("", SATISFIED, f"running{suffix}")
    if parameters.on > deadline:
        silence = LineOutcome("", VIOLATED, f"passed{suffix}")
    return aggregate(REFUSAL, [_answer(line, silence) for line in asked], facts, severity=INFO)


def _is_settled(line: LineFacts) -> bool:
    """True when the financer's own act is there, even nil, or when nothing is asked any more."""
    return line.state in (GRANTED, CANCELLED) or line.decided_on is not None


def _answer(line: LineFacts, silence: LineOutcome) -> LineOutcome:
    if line.state == CANCELLED:
        return LineOutcome(line.key, NOT_APPLICABLE, "cancelled")
    if _is_settled(line):
        return LineOutcome(line.key, SATISFIED, "answered")
    return LineOutcome(line.key, silence.outcome, silence.variant)


INFORM = "Informer le porteur de l’état de sa demande ; la décision à venir remplacera ce refus."
CRPA = "Code des relations entre le public et l’administration"
SEND = "Vérifier l’adresse du porteur et les messages en échec, puis envoyer l’accusé de réception."
NOT_FILED = "La demande n’est pas encore déposée."

RULES = (
    Rule(
        id=RECEIPT,
        label="Accusé de réception",
        scope=Scope.DOSSIER,
        stage="submission",
        severity=INFO,
        sources=(
            Source("loi", CRPA, "articles L. 112-3 et L. 112-6", reading="secondaire"),
            Source("decret", CRPA, "article R. 112-5", "secondaire"),
            Source("loi", CRPA, "article L. 100-3 (le public : personnes privées)", "a_verifier"),
        ),
        purpose="Donner au porteur la preuve de son dépôt ; sans accusé, le délai de recours ne court pas.",
        formulas=(
            Formula(
                check_receipt, "Un accusé de réception est parti pour chaque demande d’un organisme privé."
            ),
        ),
        sentences={
            "sent": "L’accusé de réception de la demande du {filed_on} est parti le {acknowledged_on}.",
            "not_sent": (
                "L’accusé de réception de la demande du {filed_on} n’est pas parti : en cas de refus implicite, le délai de "
                "recours ne courra pas."
            ),
            "not_sent_form_unsure": (
                "L’accusé de réception de la demande du {filed_on} n’est pas parti ; il est dû si le porteur est de droit "
                "privé, ce que sa forme juridique ne dit pas."
            ),
            "public_body": "Le porteur est un organisme public : l’accusé de réception n’est dû qu’aux demandeurs de droit privé.",
            "not_filed": NOT_FILED,
        },
        remedy={
            "not_sent": SEND,
            "not_sent_form_unsure": SEND,
        },
    ),
    Rule(
        id=REFUSAL,
        label="Refus implicite",
        scope=Scope.LINE,
        stage="submission",
        severity=INFO,
        sources=(
            Source("loi", CRPA, "article L. 231-4, 3° (demande de caractère financier)", "secondaire"),
            Source("loi", CRPA, "article L. 114-5 (demande incomplète, délai suspendu)", "a_verifier"),
            Source("loi", CRPA, "article L. 114-3 (délai compté du dépôt au guichet saisi)", "a_verifier"),
        ),
        purpose="Savoir depuis quand, pour chaque financeur, le silence vaut refus ; une décision expresse reste possible.",
        parameters=("implicit_refusal.months",),
        formulas=(
            Formula(
                check_refusal,
                "Date de dépôt + deux mois, de date à date, + jours de suspension : du jour où des pièces sont demandées "
                "jusqu’à leur réception, au plus tard à la fin du délai donné. Organismes de droit privé seulement ; seul "
                "l’acte du financeur, même nul, répond à la demande.",
            ),
        ),
        sentences={
            "no_line": "La demande ne sollicite aucun financeur.",
            "answered": "Décision expresse enregistrée : {concerned}.",
            "cancelled": "Demande annulée : {concerned}.",
            "running": "Sans décision expresse, le silence vaudra refus après le {deadline} : {concerned}.",
            "running_suspended": (
                "Sans décision expresse, le silence vaudra refus après le {deadline} (délai suspendu pendant "
                "{suspended:jour|jours}) : {concerned}."
            ),
            "passed": (
                "Sans décision expresse à la fin du {deadline}, le silence vaut refus : {concerned}. Une décision expresse "
                "reste possible."
            ),
            "passed_suspended": (
                "Sans décision expresse à la fin du {deadline} (délai suspendu pendant {suspended:jour|jours}), le silence "
                "vaut refus : {concerned}. Une décision expresse reste possible."
            ),
            "form_missing": (
                "La forme juridique du porteur n’est pas renseignée ; s’il est de droit privé, le silence vaut refus après "
                "le {deadline}."
            ),
            "form_unsure": (
                "La forme juridique du porteur ({form}) ne dit pas s’il est de droit privé ; si c’est le cas, le silence "
                "vaut refus après le {deadline}."
            ),
            "public_body": "Le porteur est un organisme public : le refus implicite ne concerne que les demandeurs de droit privé.",
            "withdrawn": "Le porteur a retiré sa demande : il n’y a plus de réponse à attendre.",
            "not_filed": NOT_FILED,
        },
        remedy={
            "passed": INFORM,
            "passed_suspended": INFORM,
            "form_missing": "Renseigner la forme juridique du porteur.",
            "form_unsure": "Préciser la forme juridique du porteur, ou prendre une décision expresse.",
        },
    ),
)
