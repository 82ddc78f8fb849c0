# SPDX-License-Identifier: EUPL-1.2
"""The rules, one file per theme: each declares its functions and its rows of the catalogue."""
