# SPDX-License-Identifier: EUPL-1.2
"""Passwords: argon2 hashes, and generated ones a person can copy from a screen."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from workflow.errors import InvalidInputError

SHORTEST = 12
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that reads like something else
_HASHER = PasswordHasher()


def check_password(password: str) -> None:
    """Raises InvalidInputError for a password that is too short."""
    if len(password) < SHORTEST:
        raise InvalidInputError(f"Mot de passe trop court : {SHORTEST} signes au moins.", "password")


def hash_password(password: str) -> str:
    """The hash to store; about 100 ms and 64 MiB, on purpose."""
    return _HASHER.hash(password)


def is_right_password(stored: str | None, given: str) -> bool:
    """True when `given` is the password. Takes as long for somebody without an account."""
    try:
        return _HASHER.verify(stored or _nobody(), given) and stored is not None
    except (Argon2Error, InvalidHashError):
        return False


def generate_password() -> str:
    """Four groups of four letters and digits: 79 bits of chance."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))


_NOBODY: list[str] = []


def _nobody() -> str:
    if not _NOBODY:
        _NOBODY.append(hash_password(secrets.token_hex()))
    return _NOBODY[0]
