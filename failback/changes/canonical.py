"""One way to write a JSON value down, so that equal values have equal bytes and equal digests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def canonical(value: Mapping[str, Any]) -> bytes:
    """Return `value` as JSON: ASCII, sorted keys, no blanks or line break. Raises `ValueError` for what is no JSON."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")


def digest_of(value: Mapping[str, Any]) -> str:
    """Return the SHA-256 of `canonical(value)`, as `sha256:<hex>`."""
    return "sha256:" + hashlib.sha256(canonical(value)).hexdigest()
