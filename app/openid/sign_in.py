# SPDX-License-Identifier: EUPL-1.2
"""Signing in by OpenID Connect: authorization code with PKCE, state and nonce; then whose account this is."""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from pydantic import TypeAdapter, ValidationError

from app.config import Config
from app.openid.errors import BrokenSignInError, OpenidError, UnknownPersonError, UntrustedAnswerError
from app.openid.provider import Provider

LASTS_SECONDS = 600
AGAIN = "Cette connexion n’a pas été commencée dans ce navigateur, ou elle a trop duré. Recommencez depuis la page de connexion."


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in begun: what its browser keeps, out of reach of scripts, until the provider sends it back."""

    provider: str
    state: str
    nonce: str
    verifier: str
    wanted: str

    @property
    def challenge(self) -> str:
        """What is told of the verifier before it is shown (RFC 7636, S256)."""
        return urlsafe_b64encode(sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()

    def sealed(self) -> str:
        """As a cookie's value."""
        return urlsafe_b64encode(_ATTEMPT.dump_json(self)).decode()


_ATTEMPT = TypeAdapter(Attempt)


@dataclass(frozen=True, slots=True)
class Proven:
    """Who the provider says came in."""

    issuer: str
    subject: str
    email: str  # empty when the provider does not vouch for it
    siret: str
    data: dict[str, Any]  # what the session keeps to sign out there too


def providers_of(config: Config) -> dict[str, Provider]:
    """The providers of the configuration that have their secret, by code."""
    known = config.deployment.openid
    return {one.code: Provider(one, config.openid_secret(one.code) or "") for one in known}


def begin(provider: Provider, base_address: str, wanted: str, now: datetime) -> tuple[str, Attempt]:
    """Where to send the browser, and what it keeps meanwhile. Raises OpenidError."""
    settings = provider.settings
    state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
    attempt = Attempt(settings.code, state, nonce, verifier, wanted)
    asked = {
        "response_type": "code",
        "client_id": settings.client_id,
        "redirect_uri": return_address(base_address, settings.code),
        "scope": " ".join(settings.scopes),
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": attempt.challenge,
        "code_challenge_method": "S256",
    }
    if settings.acr_values:
        asked["acr_values"] = " ".join(settings.acr_values)
    endpoint = str(provider.published(now)["authorization_endpoint"])
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}", attempt


def return_address(base_address: str, code: str) -> str:
    """Where the provider sends the browser back."""
    return f"{base_address.rstrip('/')}/connexion/openid/{code}/retour"


def read_attempt(sealed: str) -> Attempt | None:
    """The attempt of a cookie, or None when it is absent or was tampered with."""
    try:
        return _ATTEMPT.validate_json(urlsafe_b64decode(sealed.encode()))
    except (ValueError, ValidationError):
        return None


def finish(
    provider: Provider,
    base_address: str,
    attempt: Attempt | None,
    answer: Mapping[str, str],
    now: datetime,
) -> Proven:
    """Who came back from the provider. Raises OpenidError."""
    settings = provider.settings
    _check_state(provider, attempt, answer, now)
    assert attempt is not None
    tokens = provider.exchange(
        answer.get("code", ""), attempt.verifier, return_address(base_address, settings.code), now
    )
    claims = provider.verified(tokens["id_token"], now)
    _check_claims(provider, attempt, claims)
    said = provider.userinfo(tokens["access_token"], now)
    if said.get("sub") != claims["sub"]:
        raise _untrusted(provider, "userinfo is about another subject")
    vouched = settings.trusts_email or said.get("email_verified") is True
    return Proven(
        issuer=str(claims["iss"]),
        subject=str(claims["sub"]),
        email=str(said.get("email") or "").strip().lower() if vouched else "",
        siret="".join(str(said.get("siret") or "").split()),
        data={
            "id_token": tokens["id_token"],
            "end_session": str(provider.published(now).get("end_session_endpoint") or ""),
        },
    )


def _check_state(
    provider: Provider, attempt: Attempt | None, answer: Mapping[str, str], now: datetime
) -> None:
    if attempt is None or attempt.provider != provider.settings.code:
        raise BrokenSignInError(AGAIN, "no attempt in this browser")
    if not secrets.compare_digest(attempt.state.encode(), answer.get("state", "").encode()):
        raise BrokenSignInError(AGAIN, "wrong state")
    if "error" in answer:
        raise BrokenSignInError(
            f"La connexion par {provider.settings.label} n’a pas abouti. Recommencez, ou connectez-vous par mot de passe ou "
            "par un lien reçu à votre adresse.",
            f"provider says {answer['error'][:80]!r}",
        )
    if answer.get("iss", provider.published(now)["issuer"]) != provider.published(now)["issuer"]:
        raise BrokenSignInError(AGAIN, "answer of another issuer")


def _check_claims(provider: Provider, attempt: Attempt, claims: Mapping[str, Any]) -> None:
    if not secrets.compare_digest(attempt.nonce.encode(), str(claims.get("nonce", "")).encode()):
        raise _untrusted(provider, "wrong nonce")
    if not claims.get("sub"):
        raise _untrusted(provider, "no subject")
    wanted = provider.settings.acr_values
    if wanted and claims.get("acr") not in wanted:
        raise UntrustedAnswerError(
            f"{provider.settings.label} vous a reconnu, mais pas avec la sûreté demandée ici ({', '.join(wanted)}).",
            f"acr {claims.get('acr')!r}",
        )


def _untrusted(provider: Provider, detail: str) -> OpenidError:
    return UntrustedAnswerError(
        f"La réponse de {provider.settings.label} ne correspond pas à cette connexion : personne n’est entré. Recommencez.",
        detail,
    )


def stranger(provider: Provider, proven: Proven) -> UnknownPersonError:
    """The refusal of somebody the provider knows and nobody knows here."""
    who = f" pour l’adresse « {proven.email} »" if proven.email else ""
    return UnknownPersonError(
        f"{provider.settings.label} vous a reconnu, mais aucun compte actif n’est ouvert ici{who}. Demandez à "
        "l’administrateur du contrat d’ouvrir un compte à cette adresse ; se connecter ainsi n’en crée jamais.",
        f"no account for subject {proven.subject!r}",
    )
