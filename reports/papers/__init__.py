# SPDX-License-Identifier: EUPL-1.2
"""Papers of a séance as tagged PDF: the agenda joined to the convocation, the minutes."""
