# SPDX-License-Identifier: EUPL-1.2
"""Exact euros: parts that add up to the total, and the sums rules need. No float."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from math import lcm

from rules.facts import LineFacts

ZERO = Decimal(0)
CENT = Decimal("0.01")
LARGEST = Decimal(10) ** 20  # beyond, an amount is a typing error and exact cents are not promised


def split(total: Decimal, weights: Sequence[int | Decimal]) -> list[Decimal]:
    """The total in parts proportional to the weights, to the cent, by largest remainder.

    The parts sum to the total.

    Weights that are all zero split evenly. A fraction of a cent in the total goes to the first part.
    Raises ValueError without weights, with a negative one, or for an amount no budget can hold.
    """
    if not abs(total) < LARGEST:
        raise ValueError("split needs an amount that a budget can hold")
    if not weights or any(weight < 0 for weight in weights):
        raise ValueError("split needs weights, none of them negative")
    cents = int(total * 100)
    if len(weights) == 1:
        return [total]
    whole = _whole(weights)
    if not any(whole):
        whole = [1] * len(whole)
    parts = [Decimal(part) / 100 for part in _largest_remainder(cents, whole)]
    parts[0] += total - Decimal(cents) / 100
    return parts


def _whole(weights: Sequence[int | Decimal]) -> list[int]:
    if all(type(weight) is int for weight in weights):
        return [int(weight) for weight in weights]
    ratios = [Decimal(weight).as_integer_ratio() for weight in weights]
    scale = lcm(*(bottom for _, bottom in ratios))
    return [top * scale // bottom for top, bottom in ratios]


def _largest_remainder(cents: int, weights: list[int]) -> list[int]:
    sign, size, total = (-1 if cents < 0 else 1), abs(cents), sum(weights)
    floors = [size * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(size * weights[i] % total), i))
    for index in by_remainder[: size - sum(floors)]:
        floors[index] += 1
    return [sign * part for part in floors]


def total(amounts: Iterable[Decimal | None]) -> Decimal:
    """The sum of the known amounts; an unknown one counts for nothing."""
    return sum((amount for amount in amounts if amount is not None), ZERO)


def obtained(line: LineFacts) -> Decimal | None:
    """What an ordinary-law line brings in money today: granted, else retained, else promised.

    None when it has no figure.
    """
    if line.state == "granted":
        known = (line.granted, line.retained, line.promised, line.proposed)
    elif line.state == "retained":
        known = (line.retained, line.promised, line.proposed, None)
    elif line.state in ("firm", "indicative"):
        known = (line.promised, line.proposed, line.retained, None)
    else:
        return ZERO
    for amount in known:
        if amount is not None:
            return amount
    return None
