# SPDX-License-Identifier: EUPL-1.2
"""What is read: arbitration summary, programme table, open data, calendar; no rule, no mail, no web."""
