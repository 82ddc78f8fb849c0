# SPDX-License-Identifier: EUPL-1.2
"""The arbitration summary of a séance: one prepared structure, five writers that only read it."""
