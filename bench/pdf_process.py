# SPDX-License-Identifier: EUPL-1.2
"""What the PDF process runs while it is measured: the product's compilation, then its own peak of memory."""

import json
from time import process_time

from bench.clock import status_mib
from reports.summary.compiled import compile_pdf


def measured_pdf(payload: str) -> bytes:
    """Size of the PDF, peak of memory and processor time of this process, as JSON."""
    size = len(compile_pdf(payload))
    return json.dumps({"size": size, "peak": status_mib("VmHWM"), "processor": process_time()}).encode()
