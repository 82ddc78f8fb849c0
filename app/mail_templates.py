# SPDX-License-Identifier: EUPL-1.2
"""The local templates of messages that the configuration names: refused at start when a message could not be written."""

from app.config import Config
from app.errors import AppError
from notifications.local_templates import template_faults

KEY = "deployment.mail_templates"


def mail_template_faults(config: Config) -> list[str]:
    """What is wrong in them; nothing when none is named."""
    name = config.deployment.mail_templates
    return template_faults(config.beside(name)) if name else []


def require_mail_templates(config: Config) -> None:
    """Raises AppError with every fault, so that no message is found unwritable months later."""
    faults = mail_template_faults(config)
    if faults:
        raise AppError(f"{KEY} : " + " ; ".join(faults))
