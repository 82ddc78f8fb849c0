# SPDX-License-Identifier: EUPL-1.2
"""How French dates, times and amounts are written in messages, and how text typed by people is made safe."""

import re
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
NBSP = "\N{NO-BREAK SPACE}"
THIN = "\N{NARROW NO-BREAK SPACE}"
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def day(value: date) -> str:
    """« mardi 3 mars 2026 »; a datetime is read in Paris."""
    local = value.astimezone(PARIS).date() if isinstance(value, datetime) else value
    number = "1er" if local.day == 1 else str(local.day)
    return f"{DAYS[local.weekday()]} {number}{NBSP}{MONTHS[local.month - 1]} {local.year}"


def hour(value: datetime) -> str:
    """« 9 h 30 », « 14 h », in Paris."""
    local = value.astimezone(PARIS)
    minutes = f"{NBSP}{local.minute:02d}" if local.minute else ""
    return f"{local.hour}{NBSP}h{minutes}"


def euros(amount: Decimal) -> str:
    """« 12 500 € », « 1 234,56 € »."""
    whole = amount == amount.to_integral_value()
    digits = f"{amount:,.0f}" if whole else f"{amount:,.2f}"
    return digits.replace(",", THIN).replace(".", ",") + NBSP + "€"


def one_line(text: str) -> str:
    """The text on one line, without control characters: safe in a header, a subject or a list."""
    return " ".join(CONTROL.sub(" ", text).split())


def prose(text: str) -> str:
    """The text with its line breaks, without control characters."""
    lines = CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def flat(text: str) -> str:
    """Non-breaking spaces as ordinary ones, for the text part and the subject: many readers show them badly."""
    return text.replace(NBSP, " ").replace(THIN, " ")
