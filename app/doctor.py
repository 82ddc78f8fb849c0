# SPDX-License-Identifier: EUPL-1.2
"""`doctor`: softer contradictions and what is missing, in the configuration and in the database. Changes nothing."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.config import PASSWORD_VARIABLE, Config, secret_variable
from app.diagnosis import Diagnosis
from app.doctor_calendar import calendar_kept
from app.doctor_contract import contract_diagnoses
from app.doctor_database import (
    answers_possible,
    configuration_loaded,
    messages_held,
    messages_left,
    worker_awake,
)
from app.mail import HELD, HELD_REMEDY
from app.mail_templates import KEY, mail_template_faults

# Each check reads the database and says what it found.
DatabaseCheck = Callable[[Config, Session], Iterable[Diagnosis]]
DATABASE_CHECKS: tuple[DatabaseCheck, ...] = (
    configuration_loaded,
    calendar_kept,
    messages_held,
    messages_left,
    worker_awake,
    answers_possible,
)


def diagnose(config: Config, db: Session | None = None, *, on: date | None = None) -> list[Diagnosis]:
    """Everything worth saying, most serious first; `on` is the day of the examination, today in Paris by default."""
    day = on or datetime.now(ZoneInfo("Europe/Paris")).date()
    found = list(_deployment(config))
    for rank, territory in enumerate(config.contracts):
        found += contract_diagnoses(f"contracts[{rank}]", territory, config.beside, day)
    if db is not None:
        found += [item for check in DATABASE_CHECKS for item in check(config, db)]
    order = ("error", "warning", "info")
    return sorted(found, key=lambda item: order.index(item.level))


def _deployment(config: Config) -> Iterator[Diagnosis]:
    deployment, smtp = config.deployment, config.deployment.smtp
    for name in config.ignored_variables:
        yield Diagnosis("warning", name, "variable d’environnement inconnue, ignorée", "vérifier son nom")
    if smtp.username and config.smtp_password is None:
        remedy = f"donner {PASSWORD_VARIABLE} ou smtp.password_file"
        yield Diagnosis("error", "deployment.smtp", "un utilisateur est donné sans mot de passe", remedy)
    if deployment.redirect_all_mail_to:
        text = f"tous les courriels sont redirigés vers {deployment.redirect_all_mail_to}"
        yield Diagnosis("warning", "deployment.redirect_all_mail_to", text, "retirer cette clé en production")
    if deployment.holds_mail:
        yield Diagnosis("info", "deployment.redirect_all_mail_to", HELD, HELD_REMEDY)
    for fault in mail_template_faults(config):
        remedy = (
            "corriger ce fichier, ou le retirer : le modèle du produit servira ; rien ne démarre avec lui"
        )
        yield Diagnosis("error", KEY, fault, remedy)
    for provider in deployment.openid:
        if config.openid_secret(provider.code) is None:
            remedy = f"donner {secret_variable(provider.code)} ou secret_file"
            text = f"le secret du fournisseur « {provider.code} » manque : personne ne se connectera par lui"
            yield Diagnosis("error", "deployment.openid", text, remedy)
    if deployment.environment == "production":
        yield from _production(config)


def _production(config: Config) -> Iterator[Diagnosis]:
    deployment, smtp = config.deployment, config.deployment.smtp
    if deployment.base_address.startswith("http://"):
        text = "l’adresse publique n’est pas chiffrée : les mots de passe circuleraient en clair"
        yield Diagnosis("error", "deployment.base_address", text, "servir en https")
    if smtp.host not in ("localhost", "127.0.0.1", "::1") and not (smtp.tls or smtp.starttls):
        remedy = "mettre starttls ou tls à true"
        yield Diagnosis("warning", "deployment.smtp", "le courrier part sans chiffrement", remedy)
    if smtp.sender.rstrip(">").endswith("@localhost"):
        text = "l’expéditeur est une adresse locale : les courriels seront refusés"
        yield Diagnosis("error", "deployment.smtp.sender", text, "donner une adresse de la collectivité")
