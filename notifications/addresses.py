# SPDX-License-Identifier: EUPL-1.2
"""Which addresses can be written to: plain ASCII ones, without a name, a quote, a space or a line break."""

import re

LONGEST = 254
FORM = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


def is_readable(address: str | None) -> bool:
    """True when a message can be sent to this address."""
    return bool(address) and len(address or "") <= LONGEST and FORM.fullmatch(address or "") is not None
