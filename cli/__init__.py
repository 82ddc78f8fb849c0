# SPDX-License-Identifier: EUPL-1.2
"""The `coinstruction` command: one file per group of commands, imported only when its command runs."""
