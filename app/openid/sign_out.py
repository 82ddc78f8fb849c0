# SPDX-License-Identifier: EUPL-1.2
"""Signing out at the provider too, for whoever came from there."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from app.config import Config
from app.deployment import is_safe_address


@dataclass(frozen=True, slots=True)
class SignOut:
    """Where the browser goes to end the provider's session, and its name."""

    address: str
    label: str


def sign_out_address(config: Config, means: str, data: Mapping[str, Any]) -> SignOut | None:
    """None for a session that no provider opened, or whose provider has no such address."""
    provider = next((one for one in config.deployment.openid if one.code == means), None)
    endpoint = str(data.get("end_session", ""))
    if provider is None or not is_safe_address(endpoint):
        return None
    asked = {
        "id_token_hint": data.get("id_token", ""),
        "client_id": provider.client_id,
        "state": secrets.token_urlsafe(16),
        "post_logout_redirect_uri": f"{config.deployment.base_address.rstrip('/')}/connexion",
    }
    address = f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"
    return SignOut(address, provider.label)
