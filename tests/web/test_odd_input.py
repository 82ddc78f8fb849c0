# SPDX-License-Identifier: EUPL-1.2
"""What one engine takes and the other refuses, and addresses refused before their route: a page, never a fault."""

import pytest

from tests.web.conftest import Site


def test_a_sign_that_postgresql_refuses_is_left_out_of_the_search_of_porteurs(site: Site) -> None:
    found = site.client(site.world.secretary).get("/demandes/nouvelle", params={"q": "Ateliers\x00"})
    assert found.status_code == 200
    assert "Les Ateliers du Pont" in found.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_old_form_at_an_address_that_is_no_number_is_refused_and_not_shown_again(site: Site) -> None:
    for path in ("/dossiers/é/actions/submit", "/dossiers/²/pieces", "/seances/x/presences"):
        assert site.client(site.world.secretary).post(path, data={"jeton": "old"}).status_code == 403
