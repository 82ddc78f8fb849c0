# SPDX-License-Identifier: EUPL-1.2
"""From rows and findings to what a page shows: labels, figures, forms. Nothing here decides anything."""
