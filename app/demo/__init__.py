# SPDX-License-Identifier: EUPL-1.2
"""The demonstration: a whole contract at work, built relative to today through the same doors as everybody."""
