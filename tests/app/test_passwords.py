# SPDX-License-Identifier: EUPL-1.2
"""Passwords: only the right one opens, and nobody's password is right."""

from app.passwords import generate_password, hash_password, is_right_password


def test_passwords() -> None:
    generated = generate_password()

    assert len(generated) == 19
    assert is_right_password(hash_password(generated), generated)
    assert not is_right_password(hash_password(generated), generated + "x")
    assert not is_right_password(None, generated)
    assert not is_right_password("not a hash", generated)
