# SPDX-License-Identifier: EUPL-1.2
"""The journal in French: what people typed is read as they typed it, what the record codes is said."""

import pytest

from tests.factories import NOW
from web.presenters.history import history
from workflow.completion import TRIGGER
from workflow.models import Journal


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("publics", "parents=enfants|Femmes", "parents=enfants, Femmes"),
        ("cpo_indicators", "taux = 80 %", "taux = 80 %"),
        ("qpv", "QN1|QN2", "Le Haut, QN2"),
        ("cpo_trajectory", "2026=8000.00", "2026 : 8 000 €"),
        ("de_minimis", "2025-03-01=1500.00 sieg", "1er mars 2025 : 1 500 € (sieg)"),
    ],
)
def test_a_list_is_read_entry_by_entry(field: str, text: str, said: str) -> None:
    act = Journal(
        chain="dossier:1",
        subject="dossier:1",
        seq=1,
        actor="x",
        automatic=False,
        at=NOW,
        trigger=TRIGGER,
        details={field: {"before": "", "after": text}},
    )
    (shown,) = history([act], {"QN1": "Le Haut"}, {})
    assert shown["details"][0].replace("\u00a0", " ").replace("\u202f", " ").endswith(f"inconnu → {said}")
