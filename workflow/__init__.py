# SPDX-License-Identifier: EUPL-1.2
"""The dossier's life: rows, transition tables, the one door `fire()`, use cases. Knows nothing of mail and web."""
