# SPDX-License-Identifier: EUPL-1.2
"""Eligibility as pure functions: facts and dated parameters in, findings out.

No database, no clock, no web.
"""
