# SPDX-License-Identifier: EUPL-1.2
"""A paper as a tagged PDF (PDF/UA-1); the same paper gives the same bytes. Compiled in `reports.pdf_pool` only."""

import json

from reports.papers.structure import Paper


def paper_payload(paper: Paper) -> str:
    """What the PDF needs, as JSON."""
    return json.dumps(paper.payload(), ensure_ascii=False)
