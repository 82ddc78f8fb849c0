# SPDX-License-Identifier: EUPL-1.2
"""Composition: reads the configuration, builds the database, the clock, the sender. Knows nothing of web and cli."""
