# SPDX-License-Identifier: EUPL-1.2
"""What a sign-in by OpenID refuses: a French sentence, and the status of its page."""

from app.errors import AppError


class OpenidError(AppError):
    """Root of these refusals. What happened exactly is in `detail`, for the log, never for the page."""

    status = 403

    def __init__(self, message: str, detail: str) -> None:
        super().__init__(message)
        self.detail = detail


class BrokenSignInError(OpenidError):
    """The answer is not that of a sign-in begun in this browser, or no longer is."""

    status = 400


class UntrustedAnswerError(OpenidError):
    """The provider's answer cannot be believed: signature, issuer, audience, nonce, date."""

    status = 403


class ProviderDownError(OpenidError):
    """The provider does not answer."""

    status = 503


class ProviderNonsenseError(OpenidError):
    """The provider answers something else than what the standard says."""

    status = 502


class UnknownPersonError(OpenidError):
    """The provider knows this person; no account here is theirs."""

    status = 403
