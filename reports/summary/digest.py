# SPDX-License-Identifier: EUPL-1.2
"""The digest of what a summary says: the same whenever, wherever and on whichever database it was prepared."""

import hashlib
import json

from reports.summary.as_json import to_document
from reports.summary.structure import Summary

# When it was prepared and where its séance stands are about the reading, not about what is read.
NOT_CONTENT = ("prepared_at", "digest", "status", "status_label")


def digest_of(structure: Summary) -> str:
    """SHA-256, in hexadecimal, of the canonical JSON of the content."""
    return hashlib.sha256(canonical_json(structure)).hexdigest()


def canonical_json(structure: Summary) -> bytes:
    """The content as one line of UTF-8 JSON, keys in order: what the digest is made of, and what a frozen summary keeps."""
    document = to_document(structure)
    document["header"] = {key: value for key, value in document["header"].items() if key not in NOT_CONTENT}
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
