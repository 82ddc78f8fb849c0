# SPDX-License-Identifier: EUPL-1.2
"""What the product costs, measured: one file per line of the targets. Not in the wheel; `make bench` runs it."""
