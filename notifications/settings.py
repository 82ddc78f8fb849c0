# SPDX-License-Identifier: EUPL-1.2
"""How mail leaves, as values given by `app`: nothing here reads a file or the environment."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Security = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The server, the sender, the addresses put in messages, and how insistent a retry is."""

    host: str
    port: int
    sender: str
    base_address: str
    sender_name: str = "Co-instruction du contrat de ville"
    reply_to: str | None = None
    security: Security = "none"
    username: str | None = None
    password: str | None = None
    validate_certificates: bool = True
    redirect_all_to: str | None = None
    connections: int = 4
    timeout_seconds: float = 30.0
    batch: int = 20
    claim_for: timedelta = timedelta(minutes=10)
    first_delay: timedelta = timedelta(minutes=1)
    longest_delay: timedelta = timedelta(hours=1)
    max_attempts: int = 10
    give_up_after: timedelta = timedelta(days=2)
    forget_after: timedelta = timedelta(days=30)

    @property
    def domain(self) -> str:
        """Domain of the sender, which ends every Message-ID."""
        return self.sender.rpartition("@")[2] or "localhost"
