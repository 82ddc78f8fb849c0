# SPDX-License-Identifier: EUPL-1.2
"""The schema's history (Alembic), shipped in the wheel. `REVISIONS` lets commands check a database without Alembic."""

REVISIONS = ("0001",)
