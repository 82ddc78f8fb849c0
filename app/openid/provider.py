# SPDX-License-Identifier: EUPL-1.2
"""One OpenID provider: its addresses (discovery), its keys, and its answers read or refused. Nothing else calls it."""

import logging
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.deployment import OpenidProvider, is_safe_address
from app.openid.errors import ProviderDownError, ProviderNonsenseError, UntrustedAnswerError

log = logging.getLogger(__name__)
DISCOVERY = "/.well-known/openid-configuration"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
KEPT, LEEWAY_SECONDS, TIMEOUT_SECONDS, LARGEST_ANSWER = timedelta(hours=1), 60, 10.0, 500_000
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
SIGNED = "application/jwt"


class Provider:
    """A provider of the configuration; what it publishes is kept an hour, its keys read again when one is unknown."""

    def __init__(self, settings: OpenidProvider, secret: str) -> None:
        self.settings = settings
        self._secret = secret
        self._lock = threading.Lock()
        self._published: tuple[datetime, dict[str, Any]] | None = None
        self._keys: KeySet | None = None

    def published(self, now: datetime) -> Mapping[str, Any]:
        """Its metadata. Raises ProviderDownError, ProviderNonsenseError."""
        with self._lock:
            if self._published is None or self._published[0] < now - KEPT:
                self._published = (now, self._discovered())
                self._keys = None
            return self._published[1]

    def _discovered(self) -> dict[str, Any]:
        issuer = self.settings.issuer.rstrip("/")
        found = self._json(self._get(issuer + DISCOVERY))
        if str(found.get("issuer", "")).rstrip("/") != issuer:
            raise self._nonsense(f"discovery names another issuer: {found.get('issuer')!r}")
        bad = [name for name in NEEDED if not is_safe_address(str(found.get(name, "")))]
        if bad:
            raise self._nonsense(f"discovery without a safe {', '.join(bad)}")
        return found

    def exchange(self, code: str, verifier: str, return_address: str, now: datetime) -> Mapping[str, Any]:
        """The tokens against the code. Raises ProviderDownError, ProviderNonsenseError, UntrustedAnswerError."""
        published = self.published(now)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": return_address,
            "code_verifier": verifier,
        }
        client_id, basic = self.settings.client_id, None
        if "client_secret_basic" in published.get(
            "token_endpoint_auth_methods_supported", ["client_secret_basic"]
        ):
            basic = (client_id, self._secret)
        else:
            form |= {"client_id": client_id, "client_secret": self._secret}
        answer = self._sent("POST", published["token_endpoint"], data=form, auth=basic)
        if 400 <= answer.status_code < 500:
            raise UntrustedAnswerError(
                f"{self.settings.label} n’a pas accepté cette connexion : elle a expiré ou a déjà servi. Recommencez.",
                f"code refused, {answer.status_code}: {answer.text[:200]}",
            )
        found = self._json(answer)
        if not isinstance(found.get("id_token"), str) or not isinstance(found.get("access_token"), str):
            raise self._nonsense("token answer without id_token or access_token")
        return found

    def userinfo(self, access_token: str, now: datetime) -> Mapping[str, Any]:
        """What the provider says of the person: JSON, or a signed token whose signature is checked (ProConnect)."""
        address = self.published(now)["userinfo_endpoint"]
        answer = self._get(address, headers={"Authorization": f"Bearer {access_token}"})
        if answer.headers.get("content-type", "").partition(";")[0].strip() == SIGNED:
            return self.verified(answer.text.strip(), now, needs_expiry=False)
        return self._json(answer)

    def verified(self, token: str, now: datetime, *, needs_expiry: bool = True) -> Mapping[str, Any]:
        """The claims of a token this provider signed for us. Raises UntrustedAnswerError."""
        try:
            decoded = self._decoded(token, now)
            registry = jwt.JWTClaimsRegistry(
                now=int(now.timestamp()),
                leeway=LEEWAY_SECONDS,
                iss={"essential": True, "value": self.published(now)["issuer"]},
                aud={"essential": True, "value": self.settings.client_id},
                exp={"essential": needs_expiry},
            )
            registry.validate(decoded.claims)
        except (JoseError, ValueError, TypeError) as error:
            raise UntrustedAnswerError(
                f"La réponse de {self.settings.label} n’a pas pu être vérifiée : personne n’est entré. Recommencez, puis "
                "signalez-le à l’administrateur si cela se répète.",
                f"token refused: {type(error).__name__} {error}",
            ) from error
        return decoded.claims

    def _decoded(self, token: str, now: datetime) -> jwt.Token:
        keys = self._keys or self._read_keys(now)
        try:
            return jwt.decode(token, keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            return jwt.decode(
                token, self._read_keys(now), algorithms=ALGORITHMS
            )  # it may have changed its keys

    def _read_keys(self, now: datetime) -> KeySet:
        found = self._json(self._get(self.published(now)["jwks_uri"]))
        try:
            signing = [key for key in found["keys"] if key.get("use", "sig") == "sig"]
            self._keys = KeySet.import_key_set({"keys": signing})
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._nonsense(f"unreadable keys: {error}") from error
        return self._keys

    def _get(self, address: str, **options: Any) -> httpx2.Response:
        answer = self._sent("GET", address, **options)
        if answer.status_code != 200:
            raise self._nonsense(f"{address} answers {answer.status_code}")
        return answer

    def _sent(self, method: str, address: str, **options: Any) -> httpx2.Response:
        try:
            answer = httpx2.request(
                method, address, timeout=TIMEOUT_SECONDS, follow_redirects=False, **options
            )
        except httpx2.HTTPError as error:
            raise ProviderDownError(
                f"{self.settings.label} ne répond pas. Réessayez dans un instant, ou connectez-vous par mot de passe ou par "
                "un lien reçu à votre adresse.",
                f"{address}: {type(error).__name__} {error}",
            ) from error
        if answer.status_code >= 500:
            raise self._nonsense(f"{address} answers {answer.status_code}")
        return answer

    def _json(self, answer: httpx2.Response) -> dict[str, Any]:
        try:
            found = answer.json() if len(answer.content) <= LARGEST_ANSWER else None
        except ValueError as error:
            raise self._nonsense(f"{answer.url} answers no JSON") from error
        if not isinstance(found, dict):
            raise self._nonsense(f"{answer.url} answers no JSON object")
        return found

    def _nonsense(self, detail: str) -> ProviderNonsenseError:
        message = (
            f"{self.settings.label} a donné une réponse inutilisable. Réessayez dans un instant, ou connectez-vous par mot "
            "de passe ou par un lien reçu à votre adresse."
        )
        return ProviderNonsenseError(message, detail)
