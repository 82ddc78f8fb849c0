# SPDX-License-Identifier: EUPL-1.2
"""The neighbourhoods drawn from the configured perimeters; without them, or with a broken file, the list alone."""

from pathlib import Path

import pytest

from tests.factories.contract import QPV_BAS, QPV_HAUT
from tests.factories.perimeters import QPV_ELSEWHERE, write_perimeters
from tests.web.conftest import Site
from tests.web.test_located import name_perimeters
from tests.web.test_request_pages import begin
from workflow.located.perimeters import Perimeters
from workflow.located.sketch import draw

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@one_engine
def test_only_the_contract_s_neighbourhoods_are_drawn_with_their_names(site: Site, tmp_path: Path) -> None:
    name_perimeters(site, write_perimeters(tmp_path))
    client = site.client(site.world.bearer)
    path = f"/demandes/{begin(site, client)}/etapes/quartiers"
    site.post(client, path, qpv=["", QPV_BAS])
    page = client.get(path).text
    assert f'<g data-qpv="{QPV_HAUT}"><path d="M' in page
    assert f'<g data-qpv="{QPV_BAS}" class="chosen">' in page
    assert "Carte des quartiers : Le Haut, Le Bas" in page and QPV_ELSEWHERE not in page


@one_engine
def test_the_list_is_enough(site: Site, tmp_path: Path) -> None:
    client = site.client(site.world.bearer)
    path = f"/demandes/{begin(site, client)}/etapes/quartiers"
    assert "<svg" not in client.get(path).text
    broken = tmp_path / "contours.geojson"
    broken.write_text("{}")
    name_perimeters(site, broken)
    page = client.get(path)
    assert page.status_code == 200 and "<svg" not in page.text and f'value="{QPV_HAUT}"' in page.text


def test_a_drawing_keeps_north_up_and_one_scale(tmp_path: Path) -> None:
    perimeters = Perimeters.read(write_perimeters(tmp_path))
    sketch = draw(perimeters.outlines({QPV_HAUT, QPV_BAS}, 800))
    west, east = sketch.shapes
    assert (west.code, east.code) == (QPV_HAUT, QPV_BAS)
    assert west.x < east.x and abs(west.y - east.y) < 1
    assert sketch.width == 800 and sketch.height < 200
    assert perimeters.outlines({"QN00000M"}, 800) == {}


def test_a_drawing_is_simplified_to_what_can_be_seen(tmp_path: Path) -> None:
    ring = [[3.2 + 0.00001 * step, 50.3 + (0.000001 if step % 2 else 0)] for step in range(1000)]
    area = [[[*ring, [3.21, 50.31], [3.2, 50.31], [3.2, 50.3]]]]
    content = {
        "type": "FeatureCollection",
        "features": [
            {"properties": {"code_qp": QPV_HAUT}, "geometry": {"type": "MultiPolygon", "coordinates": area}}
        ],
    }
    (outline,) = Perimeters.read(write_perimeters(tmp_path, content)).outlines({QPV_HAUT}, 800)[QPV_HAUT]
    assert len(outline) < 10
