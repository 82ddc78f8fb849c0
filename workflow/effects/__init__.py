# SPDX-License-Identifier: EUPL-1.2
"""What a transition changes besides the state: rows only, never a message. One file per phase."""
