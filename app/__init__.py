# SPDX-License-Identifier: EUPL-1.2
"""Composition: configuration, database, clock, sender. Knows nothing of web and cli."""
