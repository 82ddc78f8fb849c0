# SPDX-License-Identifier: EUPL-1.2
"""What must hold before a transition: one file per phase; a guard answers with findings, never with a bare « no »."""
