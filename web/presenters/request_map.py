# SPDX-License-Identifier: EUPL-1.2
"""The neighbourhoods as a drawing beside their list: the list alone is enough, the drawing helps to find one's way."""

from typing import Any

from workflow.contracts import territory_of
from workflow.located.sketch import Sketch
from workflow.models import Dossier


def map_view(dossier: Dossier, sketch: Sketch | None) -> dict[str, Any] | None:
    """The shapes with their names and which are chosen; None when there is nothing to draw."""
    if sketch is None:
        return None
    names, chosen = territory_of(dossier.contract).qpv_by_code, set(dossier.qpv or ())
    return {
        "width": sketch.width,
        "height": sketch.height,
        "shapes": [
            {"shape": shape, "name": names[shape.code].label, "chosen": shape.code in chosen}
            for shape in sketch.shapes
            if shape.code in names
        ],
    }
