"""Remedies this program names but does not carry out, and what the person does instead.

Together with `remedies.REMEDIES` this covers every remedy id a requirement may name; a test holds it.
"""

from __future__ import annotations

from collections.abc import Mapping

LEFT_TO_A_PERSON: Mapping[str, str] = {}
