# SPDX-License-Identifier: EUPL-1.2
"""What belongs to one machine: database, address, mail. Never a secret."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from workflow.territory import EMAIL_PATTERN, Strict
from workflow.territory_base import Code

DATABASE_PREFIXES = ("sqlite:", "sqlite+pysqlite:", "postgresql:", "postgresql+psycopg:")


def _database_url(value: str) -> str:
    if not value.startswith(DATABASE_PREFIXES):
        raise ValueError(
            "adresse de base inconnue : sqlite:///fichier.db ou postgresql+psycopg://utilisateur@machine/base"
        )
    return value


def _base_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        port_is_readable = parts.port is None or parts.port > 0
    except ValueError:
        port_is_readable = False
    if not port_is_readable or parts.scheme not in ("http", "https") or not parts.hostname or " " in value:
        raise ValueError("doit être une adresse web complète, par exemple https://coinstruction.exemple.fr")
    return value.rstrip("/")


LOOPBACK = ("localhost", "127.0.0.1", "::1")
LAST_SYSTEM_PORT = 1023  # below, a machine's own mail server may listen, and relay to anybody
SENDER_PATTERN = r"^([^<>@]*<[^@\s<>]+@[^@\s<>]+>|[^@\s<>]+@[^@\s<>]+)$"
Email = Annotated[str, Field(pattern=EMAIL_PATTERN)]


class Smtp(Strict):
    """The outgoing mail server."""

    host: Annotated[str, Field(min_length=1)] = "localhost"
    port: Annotated[int, Field(ge=1, le=65535)] = 25
    starttls: bool = False
    tls: bool = False
    ca_file: str | None = None
    username: str | None = None
    password_file: str | None = None
    sender: Annotated[str, Field(pattern=SENDER_PATTERN)] = "Co-instruction <coinstruction@localhost>"
    timeout_seconds: Annotated[int, Field(ge=1, le=600)] = 30
    connections: Annotated[int, Field(ge=1, le=50)] = 4
    per_domain_per_minute: Annotated[int, Field(ge=1, le=100_000)] | None = 120

    @model_validator(mode="after")
    def _one_encryption(self) -> Self:
        if self.tls and self.starttls:
            raise ValueError("tls et starttls s’excluent : tls pour le port 465, starttls pour le port 587")
        return self


def is_safe_address(value: str) -> bool:
    """True for an https address, or an http one of this very machine (tests, development)."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    )


def _issuer(value: str) -> str:
    if not is_safe_address(value):
        raise ValueError("doit être l’adresse https de l’émetteur, par exemple https://identite.exemple.fr")
    return value


Word = Annotated[str, Field(pattern=r"^[!-~]+$", max_length=200)]


class OpenidProvider(Strict):
    """An OpenID provider that people may sign in with. Its client secret is never here."""

    code: Code
    label: Annotated[str, Field(min_length=1, max_length=60)]
    issuer: Annotated[str, AfterValidator(_issuer)]
    client_id: Word
    secret_file: str | None = None
    scopes: Annotated[tuple[Word, ...], Field(min_length=1)] = ("openid", "email", "profile")
    acr_values: tuple[Word, ...] = ()
    trusts_email: bool = False


class Deployment(Strict):
    """One installation: where the data is, where people go, how mail leaves."""

    database_url: Annotated[str, AfterValidator(_database_url), Field(repr=False)] = (
        "sqlite:///coinstruction.db"
    )
    base_address: Annotated[str, AfterValidator(_base_address)] = "http://127.0.0.1:8000"
    environment: Literal["development", "production", "demo"] = "development"
    smtp: Smtp = Smtp()
    openid: tuple[OpenidProvider, ...] = ()
    redirect_all_mail_to: Email | None = None
    accessibility_contact: Email | None = None
    mail_templates: Annotated[str, Field(min_length=1)] | None = None
    log_format: Literal["text", "json"] = "text"

    @property
    def holds_mail(self) -> bool:
        """True when nothing may leave: not production, nowhere to redirect to, and not the demonstration's own mailbox."""
        if self.environment == "production" or self.redirect_all_mail_to:
            return False
        own_mailbox = self.smtp.host in LOOPBACK and self.smtp.port > LAST_SYSTEM_PORT
        return not (self.environment == "demo" and own_mailbox)

    @model_validator(mode="after")
    def _no_redirection_in_production(self) -> Self:
        if self.redirect_all_mail_to and self.environment == "production":
            raise ValueError("redirect_all_mail_to est refusé quand environment vaut « production »")
        return self

    @model_validator(mode="after")
    def _one_provider_a_code(self) -> Self:
        codes = [provider.code for provider in self.openid]
        if len(set(codes)) < len(codes):
            raise ValueError("openid : deux fournisseurs portent le même code")
        return self
