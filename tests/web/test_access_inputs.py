# SPDX-License-Identifier: EUPL-1.2
"""Whatever is typed in the forms of sign-in, account, administration and organisations: a French page, never a fault."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.conftest import Site

TEXT = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["", "\x00", "a@b.test", "instruction@etat.test", "2026-13-45", "-1", "9" * 30, "é" * 25_000]
    ),
)
FIELDS = (
    "email", "password", "again", "current", "suite", "name", "role", "organisation", "body", "title",
    "from_on", "to_on", "active", "siret", "rna", "legal_form", "commune", "version",
)  # fmt: skip
OPEN = ("/connexion", "/connexion/lien", "/connexion/lien/x", "/mot-de-passe", "/mot-de-passe/x")
KEPT = (
    "/compte/mot-de-passe",
    "/compte/sessions/7/fin",
    "/administration/comptes",
    "/administration/comptes/{person}/etat",
    "/administration/comptes/{person}/mandats",
    "/administration/comptes/{person}/mandats/7/fin",
    "/organisations",
    "/organisations/{organisation}",
)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.dictionaries(st.sampled_from(FIELDS), TEXT))
def test_no_form_breaks(site: Site, typed: dict[str, str]) -> None:
    world = site.world
    client = site.client(world.administrator)
    for path in OPEN:
        answer = site.anonymous().post(path, data=typed)
        assert answer.status_code < 500 and '<html lang="fr">' in answer.text
    for path in KEPT:
        target = path.format(person=world.colleague.id, organisation=world.organisations["caf"].id)
        answer = site.post(client, target, **typed)
        assert answer.status_code < 500 and '<html lang="fr">' in answer.text
