# SPDX-License-Identifier: EUPL-1.2
"""The configuration's mail section as the values that `notifications` takes."""

from email.headerregistry import Address
from email.utils import parseaddr

from app.config import Config
from notifications.settings import MailSettings, Security

HELD = "hors production et sans redirection, aucun message ne part"
HELD_REMEDY = (
    "donner deployment.redirect_all_mail_to pour les recevoir tous à une adresse, ou mettre environment à « production » "
    "pour les envoyer vraiment"
)


def mail_settings(config: Config) -> MailSettings:
    """How mail leaves from this installation."""
    smtp = config.deployment.smtp
    name, address = parseaddr(smtp.sender)
    security: Security = "tls" if smtp.tls else "starttls" if smtp.starttls else "none"
    password = config.smtp_password.get_secret_value() if config.smtp_password else None
    return MailSettings(
        host=smtp.host,
        port=smtp.port,
        sender=Address(addr_spec=address).addr_spec,
        sender_name=name or "Co-instruction du contrat de ville",
        base_address=config.deployment.base_address,
        security=security,
        ca_file=str(config.beside(smtp.ca_file)) if smtp.ca_file else None,
        username=smtp.username,
        password=password,
        templates=config.beside(config.deployment.mail_templates)
        if config.deployment.mail_templates
        else None,
        redirect_all_to=config.deployment.redirect_all_mail_to,
        held=f"{HELD} ; {HELD_REMEDY}" if config.deployment.holds_mail else None,
        per_domain_per_minute=smtp.per_domain_per_minute,
        connections=smtp.connections,
        timeout_seconds=float(smtp.timeout_seconds),
    )
