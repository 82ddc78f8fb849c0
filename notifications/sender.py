# SPDX-License-Identifier: EUPL-1.2
"""Sending: one reused connection at a time, each refusal told in French and sorted by whether trying again helps."""

import ssl
from contextlib import suppress
from types import TracebackType
from typing import Self

from aiosmtplib import SMTP
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPConnectResponseError,
    SMTPException,
    SMTPNotSupported,
    SMTPReadTimeoutError,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from notifications.errors import (
    DeliveryError,
    PermanentError,
    SilentServerError,
    TemporaryError,
    UnreachableError,
)
from notifications.settings import MailSettings
from notifications.wording import one_line

EXPIRED, UNKNOWN_AUTHORITY, OTHER_NAME = (9, 10), (18, 19, 20, 21), (62, 64)  # OpenSSL's verification codes
AUTHENTICATION_REQUIRED = 530
CLOSING = 421  # the server ends the conversation: the connection is replaced


class Connection:
    """A conversation with the server, opened at the first message, replaced when the server hangs up."""

    def __init__(self, settings: MailSettings) -> None:
        self.settings = settings
        self._client: SMTP | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def send(self, recipient: str, body: bytes) -> None:
        """Hands one message over. Raises UnreachableError, TemporaryError or PermanentError."""
        to = self.settings.redirect_all_to or recipient
        if self.settings.redirect_all_to:
            body = b"X-Original-Recipient: " + one_line(recipient).encode("ascii", "replace") + b"\r\n" + body
        client = await self._addressed(to)
        try:
            await client.data(body)
        except (SMTPException, OSError) as error:
            await self._after(error)
            raise _told(error, to) from error

    async def _addressed(self, to: str) -> SMTP:
        """A client ready for the text. A connection hung up before the text is replaced once: nothing was sent yet."""
        reused = self._client is not None
        while True:
            client = self._client or await self._connect()
            try:
                await client.mail(self.settings.sender)
                await client.rcpt(to)
                return client
            except (SMTPException, OSError) as error:
                await self._after(error)
                if reused and self._client is None:
                    reused = False
                    continue
                raise _not_for_us(error, self.settings) or _told(error, to) from error

    async def _connect(self) -> SMTP:
        settings = self.settings
        client = SMTP(
            hostname=settings.host,
            port=settings.port,
            username=settings.username,
            password=settings.password,
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",
            validate_certs=settings.validate_certificates,
            cert_bundle=settings.ca_file,
            timeout=settings.timeout_seconds,
        )
        try:
            await client.connect()
        except (SMTPException, OSError) as error:
            client.close()
            raise UnreachableError(_why_unreachable(error, settings)) from error
        self._client = client
        return client

    async def _after(self, error: Exception) -> None:
        """Keeps the connection only if it can carry another message."""
        answered = isinstance(error, SMTPResponseException) and error.code != CLOSING
        if answered and self._client is not None and self._client.is_connected:
            with suppress(SMTPException, OSError):
                await self._client.rset()
                return
        self._drop()

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = None

    async def close(self) -> None:
        """Says goodbye; a server that no longer answers is left without a word."""
        if self._client is None:
            return
        with suppress(SMTPException, OSError):
            await self._client.quit()
        self._drop()


def _not_for_us(error: Exception, settings: MailSettings) -> DeliveryError | None:
    """Refused before any recipient is named: the configuration's fault, and no message's."""
    where = f"{settings.host}:{settings.port}"
    if isinstance(error, SMTPResponseException) and error.code == AUTHENTICATION_REQUIRED:
        return UnreachableError(
            f"Le serveur de messagerie {where} demande une identification : donner smtp.username et son mot de passe."
        )
    if isinstance(error, SMTPSenderRefused) and 500 <= error.code < 600:
        return UnreachableError(
            f"Le serveur de messagerie {where} refuse l’expéditeur {settings.sender} : "
            f"{error.code} {one_line(error.message)} (corriger smtp.sender)."
        )
    return None


def _told(error: Exception, to: str) -> DeliveryError:
    """A refusal in French: permanent on a 5xx answer, else worth another try."""
    if isinstance(error, SMTPResponseException) and error.code != CLOSING:
        said = f"{error.code} {one_line(error.message)}"
        if 500 <= error.code < 600:
            return PermanentError(f"Refusé définitivement par le serveur pour {to} : {said}")
        return TemporaryError(f"Refusé pour l’instant par le serveur pour {to} : {said}")
    if isinstance(error, (SMTPReadTimeoutError, SMTPTimeoutError, TimeoutError)):
        return SilentServerError("Le serveur de messagerie n’a pas répondu à temps.")
    return TemporaryError("Le serveur de messagerie a interrompu la connexion pendant l’envoi.")


def _why_not_valid(error: ssl.SSLCertVerificationError, settings: MailSettings) -> str:
    if error.verify_code in EXPIRED:
        return "il a expiré, ou n’est pas encore valable (vérifier aussi l’heure de cette machine)"
    if error.verify_code in UNKNOWN_AUTHORITY:
        return "aucune autorité connue de cette machine ne l’a signé (au besoin, donner smtp.ca_file)"
    if error.verify_code in OTHER_NAME:
        return f"il est établi pour un autre nom que « {settings.host} » (corriger smtp.host)"
    return one_line(error.verify_message)


def _why_unreachable(error: Exception, settings: MailSettings) -> str:
    where = f"{settings.host}:{settings.port}"
    cause = error.__cause__ or error
    if isinstance(error, SMTPAuthenticationError):
        return f"Le serveur de messagerie {where} refuse l’identifiant ou le mot de passe ({error.code})."
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"Le certificat du serveur de messagerie {where} n’est pas valable : {_why_not_valid(cause, settings)}."
    if isinstance(error, ssl.SSLError) or isinstance(cause, ssl.SSLError):
        return f"La connexion chiffrée au serveur de messagerie {where} a échoué."
    if isinstance(error, SMTPNotSupported) or "not supported" in str(
        error
    ):  # the library has no type for STARTTLS
        return f"Le serveur de messagerie {where} ne propose pas ce que la configuration demande (STARTTLS ou identification)."
    if isinstance(error, SMTPConnectResponseError):
        return (
            f"Le serveur de messagerie {where} refuse la connexion : {error.code} {one_line(error.message)}."
        )
    if isinstance(error, (SMTPTimeoutError, TimeoutError)):
        return f"Le serveur de messagerie {where} ne répond pas."
    if isinstance(error, (SMTPConnectError, SMTPServerDisconnected, OSError)):
        return f"Le serveur de messagerie {where} est injoignable."
    return f"Le serveur de messagerie {where} ne peut pas être utilisé : {one_line(str(error))}."
