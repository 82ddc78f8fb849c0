# SPDX-License-Identifier: EUPL-1.2
"""Where one page of a list starts, once one knows how long the list is."""


def page_start(offset: int, total: int, limit: int | None) -> int:
    """The offset asked; beyond the end, that of the last page, so that an old address still shows something."""
    if limit is None or offset < total:
        return offset
    return max(total - 1, 0) // limit * limit
