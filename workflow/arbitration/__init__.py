# SPDX-License-Identifier: EUPL-1.2
"""The solver of scenarios, pure: values in, allocation out; no row, no session, no clock. It proposes, people decide."""
