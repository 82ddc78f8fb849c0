# SPDX-License-Identifier: EUPL-1.2
"""What a browser says of itself, in two words: enough for a person to recognise their own computers."""

# In this order: each browser also names those it resembles.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def device_of(user_agent: str) -> str:
    """« Firefox, Windows »; « navigateur inconnu » when it says nothing we know."""
    found = [next((name for mark, name in words if mark in user_agent), "") for words in (BROWSERS, SYSTEMS)]
    return ", ".join(word for word in found if word) or "navigateur inconnu"
