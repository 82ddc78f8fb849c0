# SPDX-License-Identifier: EUPL-1.2
"""A table kept while nothing moves says what a table read whole would."""

import re
from decimal import Decimal

from tests.web.conftest import Site
from tests.web.test_grid import STATE, Table, one_engine, two
from workflow.models import Forecast


@one_engine
def test_a_dossier_that_leaves_is_counted_on_the_screens_that_hear_it_as_on_a_new_one(site: Site) -> None:
    """The CPO that it carried on holds its year again."""
    world = site.world
    first, _, seance = two(site)
    before = world.dossier(stage="committed", year=world.year - 1)
    before.action = first.dossier.action
    held = {
        "credit_id": world.credits[STATE].id,
        "year": world.year,
        "amount": Decimal(2000),
        "state": "held",
    }
    world.db.add(Forecast(dossier_id=before.id, changed_at=first.now, **held))
    world.db.commit()
    table = Table(site, seance)
    first.fire("withdraw", site.world.bearer, "projet abandonné")
    site.world.db.commit()

    heard = table.heard().text
    site.web.state.grid = type(site.web.state.grid)()

    foot = re.search(r"Reste sur l’enveloppe.*?</tr>", heard)
    assert foot is not None and foot[0] in table.client.get(table.base).text
