# SPDX-License-Identifier: EUPL-1.2
"""Files people send, read into dossiers and awards: sources, cells, the two profiles, the report."""
