# SPDX-License-Identifier: EUPL-1.2
"""Families of legal forms: what private law, public bodies and associations are asked is not the same."""

ASSOCIATIONS = frozenset({"association", "fondation"})
PRIVATE = ASSOCIATIONS | {"entreprise"}
PUBLIC = frozenset({"commune", "ccas", "epci", "etablissement_public"})


def is_private(form: str | None) -> bool | None:
    """Whether a body of this form is of private law.

    None when its form is unknown or does not tell: a bailleur is an office public or a company, `autre` is anything.
    """
    if form in PUBLIC:
        return False
    return True if form in PRIVATE else None


def family(form: str) -> str:
    """association, public or other: which list of pieces applies."""
    if form in ASSOCIATIONS:
        return "association"
    return "public" if form in PUBLIC else "other"
