# SPDX-License-Identifier: EUPL-1.2
"""Browsers named in two words, from what they say of themselves."""

import pytest

from web.device import device_of

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1"


@pytest.mark.parametrize(
    ("said", "device"),
    [
        (FIREFOX, "Firefox, Windows"),
        (SAFARI, "Safari, iPhone"),
        ("curl/8", "navigateur inconnu"),
        ("", "navigateur inconnu"),
    ],
)
def test_a_browser_is_named_in_two_words(said: str, device: str) -> None:
    assert device_of(said) == device
