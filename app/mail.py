# SPDX-License-Identifier: EUPL-1.2
"""The configuration's mail section as the values that `notifications` takes."""

from email.headerregistry import Address
from email.utils import parseaddr

from app.config import Config
from notifications.settings import MailSettings, Security


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
        username=smtp.username,
        password=password,
        redirect_all_to=config.deployment.redirect_all_mail_to,
        connections=smtp.connections,
        timeout_seconds=float(smtp.timeout_seconds),
    )
