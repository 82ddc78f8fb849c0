# SPDX-License-Identifier: EUPL-1.2
"""Where beneficiaries live: the three figures counted from their addresses, beside those the porteur declared."""

from typing import Any

from reports.summary.words import words_of
from web.forms import Field, FormView
from workflow.contracts import territory_of
from workflow.located.addresses import DOUBT_LABELS, UNCHECKED_LABELS
from workflow.located.counts import LocatedCounts
from workflow.located.recording import located_on, may_locate
from workflow.models import Dossier
from workflow.permissions import Actor

HINT = (
    "CSV rendu par le service national de géocodage, avec ses colonnes latitude, longitude, result_score et result_type. "
    "Il est lu, puis oublié : seuls les nombres sont gardés."
)


def located_view(dossier: Dossier, actor: Actor, *, has_perimeters: bool) -> dict[str, Any] | None:
    """The section; None when there is nothing to show nor to do."""
    counts, may = located_on(dossier), may_locate(dossier, actor)
    if counts is None and not (may and has_perimeters):
        return None
    here = f"/dossiers/{dossier.id}/localisation"
    file = Field("file", "Fichier des bénéficiaires géocodés", "file", required=True, hint=HINT)
    return {
        "counts": _shown(dossier, counts) if counts else None,
        "declared": {"total": dossier.beneficiaries_total, "inside": dossier.beneficiaries_qpv},
        "declared_share": _share(dossier.beneficiaries_qpv, dossier.beneficiaries_total),
        "form": FormView(here, "Localiser", (file,), dossier.version) if may and has_perimeters else None,
        "forget": FormView(f"{here}/effacement", "Effacer ces comptes", (), dossier.version, look="secondary")
        if may and counts
        else None,
    }


def _shown(dossier: Dossier, counts: LocatedCounts) -> dict[str, Any]:
    codes, words = territory_of(dossier.contract).qpv_by_code, words_of(territory_of(dossier.contract))
    inside, elsewhere = counts.inside(codes), counts.elsewhere(codes)
    return {
        "total": counts.total,
        "inside": inside,
        "outside": counts.outside + elsewhere,
        "elsewhere": elsewhere,
        "to_check": counts.doubtful,
        "low": _share(inside, counts.total),
        "high": _share(inside + counts.doubtful, counts.total),
        "by_qpv": [
            (f"{words.qpv.get(code, code)} ({code})", many)
            for code, many in counts.by_qpv.items()
            if code in codes
        ],
        "reasons": [
            (label, counts.to_check[reason])
            for reason, label in DOUBT_LABELS.items()
            if counts.to_check.get(reason)
        ],
        "unchecked": [UNCHECKED_LABELS[name] for name in counts.unchecked],
        "kept": counts,
    }


def _share(part: int | None, whole: int | None) -> float | None:
    return part / whole if part is not None and whole else None
