# SPDX-License-Identifier: EUPL-1.2
"""The search of dossiers: words typed by a person, read into terms, turned into conditions of the database."""
