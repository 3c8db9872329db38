"""A second vCenter that the configuration server has found, long silent: what it says concerns nobody of ours."""

from __future__ import annotations

from dataclasses import replace

from tests.estates.changing import minutes_ago
from wizard_steps.outside import Outside
from wizard_steps.reading import seen
from wizard_steps.seen_in_azure import VCenterRecord


def with_another_vcenter(known: tuple[VCenterRecord, ...]) -> tuple[VCenterRecord, ...]:
    other = replace(
        known[0],
        name=Outside("vcenter02"),
        address=seen("vcenter02.example.com"),
        infrastructure_id=seen("other"),
        last_heartbeat=seen(minutes_ago(500)),
    )
    return (*known, other)
