# SPDX-License-Identifier: EUPL-1.2
"""What is owed by a date: when to remind, whom, once; alone at once, or with the rest of the day in one digest."""
