# SPDX-License-Identifier: EUPL-1.2
"""Pages and API: short routes, no SQL, no rule."""
