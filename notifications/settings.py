# SPDX-License-Identifier: EUPL-1.2
"""How mail leaves, as values given by `app`: nothing here reads a file or the environment."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
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
    ca_file: str | None = None  # authorities to trust instead of the machine's
    templates: Path | None = None  # a folder of local templates, which replace ours
    redirect_all_to: str | None = None
    held: str | None = None  # why nothing leaves at all, when it must not
    per_domain_per_minute: int | None = None
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
    def longest_sending(self) -> timedelta:
        """How long one message may keep a connection: connecting, greeting, four commands, each up to its timeout."""
        return timedelta(seconds=6 * self.timeout_seconds)

    @property
    def claim_lasts(self) -> timedelta:
        """How long a claim holds: never less than two of the longest sendings, else another worker would send too."""
        return max(self.claim_for, 2 * self.longest_sending)

    @property
    def domain(self) -> str:
        """Domain of the sender, which ends every Message-ID."""
        return self.sender.rpartition("@")[2] or "localhost"
