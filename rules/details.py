# SPDX-License-Identifier: EUPL-1.2
"""The small records that a dossier's facts are made of: accounts, pieces of its surroundings, dates of its life."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """One account of the plan of financing. `side`: charge or produit; `payer`: the financer, when detailed."""

    side: str
    account: str
    amount: Decimal
    payer: str | None = None


@dataclass(frozen=True, slots=True)
class SiblingFacts:
    """Another live request of the same porteur, in the same contract and year."""

    reference: str
    title: str
    total_cost: Decimal | None = None
    requested: Decimal | None = None
    dauphin_number: str | None = None


@dataclass(frozen=True, slots=True)
class YearlySumFacts:
    """What one financer is known to bring this porteur that year, in euros: by this dossier, by its others, by awards.

    `kind_value`: contributions in kind, valued, of all its dossiers together.
    """

    financer: str
    here: Decimal = Decimal(0)
    elsewhere: Decimal = Decimal(0)
    awards: Decimal = Decimal(0)
    kind_value: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class CompletionFacts:
    """A request for missing pieces: when, the deadline given, the day they came (None: not yet)."""

    requested_on: date
    due_on: date
    completed_on: date | None = None


@dataclass(frozen=True, slots=True)
class PreviousFacts:
    """The dossier of the same action the year before, as far as the product knows it."""

    reference: str
    interim_report: bool | None = None
    final_report: bool | None = None


@dataclass(frozen=True, slots=True)
class AidFacts:
    """A de minimis aid declared by the porteur: day granted, gross equivalent in euros, general or SIEG regulation."""

    granted_on: date
    amount: Decimal
    is_sieg: bool = False


@dataclass(frozen=True, slots=True)
class ConventionRecord:
    """The convention recorded on a dossier: its reference, and when known its signature and its publication."""

    reference: str
    signed_on: date | None = None
    published_on: date | None = None


@dataclass(frozen=True, slots=True)
class CallFacts:
    """A call or a rolling window of the contract: requests of `year` are received between the two dates."""

    code: str
    kind: str  # ami | annual | rolling | reserved
    year: int
    opens_on: date
    closes_on: date
