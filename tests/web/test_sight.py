# SPDX-License-Identifier: EUPL-1.2
"""A porteur who is somebody else in another contract stays a porteur here: no page of the instruction opens."""

import re

import pytest

from tests.factories.people import mandate_row
from tests.web.conftest import Site
from tests.workflow.journey import at
from web.access import ACCESS, GET, Who
from workflow.models import Contract, Dossier
from workflow.stages import Role

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
INSIDE = sorted(
    (method, path)
    for (method, path), who in ACCESS.items()
    if who is Who.CONTRACT and path.startswith("/dossiers/{dossier_id}")
)


def address(path: str, dossier: Dossier) -> str:
    known = {
        "dossier_id": dossier.id,
        "line_id": dossier.lines[0].id,
        "opinion_id": dossier.opinions[0].id,
    }
    return re.sub(r"\{(\w+)\}", lambda found: str(known.get(found[1], "withdraw")), path)


@pytest.mark.parametrize(("method", "path"), INSIDE)
def test_a_mandate_elsewhere_opens_nothing_of_ones_own_dossier(site: Site, method: str, path: str) -> None:
    dossier, world = at(site.world, "commitment").dossier, site.world
    elsewhere = world.db.query(Contract).filter_by(code="ailleurs").one()
    world.db.add(mandate_row(world.bearer, Role.INSTRUCTOR, world.organisations["epci"], elsewhere))
    client = site.client(world.bearer)
    assert site.post(client, "/contrat", contrat=elsewhere.id).status_code == 200

    asked = address(path, dossier)
    refused = client.get(asked) if method == GET else site.post(client, asked)

    assert refused.status_code == 404, refused.text
    assert dossier.reference not in refused.text
