# SPDX-License-Identifier: EUPL-1.2
"""A cell as one types it in a spreadsheet: « 4000 », « 4000 ferme », « refus : crédits épuisés », « nc », « - »; and back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from workflow.errors import InvalidInputError
from workflow.grid.rows import GridLine
from workflow.inputs import parse_amount
from workflow.names import key
from workflow.stages import LINE_LABELS, LineState

CLEAR = frozenset({"-", "–", "—", "effacer"})
# What may be typed beside or instead of an amount, and the answer it is.
SURENESS: Mapping[str, str] = {"f": "firm", "ferme": "firm", "i": "indicative", "indicatif": "indicative"}
SILENT: Mapping[str, str] = {
    "nc": "not_concerned",
    "non concerne": "not_concerned",
    "sr": "no_reply",
    "sans reponse": "no_reply",
}
EXPLAINED: Mapping[str, str] = {
    "refus": "declined",
    "refuse": "declined",
    "refusee": "declined",
    "en nature": "in_kind",
    "nature": "in_kind",
}
HOW = "attendu un montant (« 4000 », « 4000 ferme »), « refus : motif », « nature : description », « nc », « sr » ou « - »"
_AMOUNT = re.compile(r"([-−]?[\d\s.,]+(?:€|euros?)?)\s*([a-z]*)", re.IGNORECASE)
_THOUSANDS = re.compile(r"[.,]\d{3}(?!\d)")
_EXPLAINED = re.compile(  # the word whole: « naturel » is not « nature »
    r"(refus(?:[ée]e?)?|en nature|nature)(?!\w)\s*[:–-]?\s*(.*)", re.IGNORECASE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class CellEdit:
    """What is to be done of a cell. `answer` empty: only the amount proposed is typed; None then clears it."""

    answer: str = ""
    amount: Decimal | None = None
    expected_on: date | None = None
    reason: str | None = None
    description: str | None = None
    proposed: Decimal | None = None  # another amount proposed than the one answered


def read_cell(text: str, *, is_ordinary: bool, state: str, value: Decimal | None = None) -> CellEdit:
    """What was typed in a cell. An ordinary-law amount is an answer, firm if it was, else indicative; a specific one is proposed.

    `value`: what the line's contribution in kind is worth; its description typed again keeps it, not another answer since.

    Raises InvalidInputError with what was expected.
    """
    typed = " ".join(text.split())
    if not typed or typed in CLEAR or key(typed) in CLEAR:
        return CellEdit()
    silent = SILENT.get(key(typed))
    if silent:
        return CellEdit(silent)
    explained = _EXPLAINED.fullmatch(typed)
    if explained:
        answer, why = EXPLAINED[key(explained[1])], explained[2].strip() or None
        if answer == "declined":
            return CellEdit(answer, reason=why)
        kept = value if state == LineState.IN_KIND else None
        return CellEdit(answer, kept, description=why)
    return _amount(typed, is_ordinary=is_ordinary, state=state)


def _amount(typed: str, *, is_ordinary: bool, state: str) -> CellEdit:
    found = _AMOUNT.fullmatch(typed)
    if found is None or (found[2] and key(found[2]) not in SURENESS):
        raise InvalidInputError(f"Lu «\u00a0{_short(typed)}\u00a0»\u00a0: {HOW}.", "saisie")
    if _THOUSANDS.search(found[1]):
        raise InvalidInputError(
            f"Lu «\u00a0{_short(typed)}\u00a0»\u00a0: milliers ou décimales\u00a0? Écrivez «\u00a04000\u00a0» ou «\u00a04000,50\u00a0».",
            "saisie",
        )
    try:
        amount = parse_amount(found[1].replace("−", "-").strip())
    except ValueError as error:
        raise InvalidInputError(f"Lu «\u00a0{_short(typed)}\u00a0»\u00a0: {error}.", "saisie") from None
    answer = SURENESS.get(key(found[2]), "")
    if not answer and is_ordinary:
        answer = "firm" if state == LineState.FIRM else "indicative"
    return CellEdit(answer, amount)


def write_cell(line: GridLine | None) -> str:
    """The cell as text that can be typed or pasted back: an amount is a bare number, so that a spreadsheet adds it up."""
    if line is None or line.state == LineState.NOT_ASKED:
        return ""
    if line.state == LineState.DECLINED:
        return f"refus : {line.reason or ''}".rstrip()
    if line.state == LineState.IN_KIND:
        return f"en nature : {line.in_kind or ''}".rstrip()
    amount = line.brought
    if amount is not None:
        whole, rest = divmod(amount, 100)
        return f"{whole},{rest:02d}" if rest else str(whole)
    return "" if line.state == LineState.ASKED else LINE_LABELS[LineState(line.state)]


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
