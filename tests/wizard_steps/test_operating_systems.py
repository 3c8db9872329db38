"""Versions of Windows, from the words of three systems; and agent versions, which are numbers."""

from __future__ import annotations

import pytest

from wizard_steps.classic.operating_systems import is_same_or_newer, windows_version
from wizard_steps.classic.versions import agent_version
from wizard_steps.reading import NotSeen
from wizard_steps.sizes import shown_size


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Microsoft Windows Server 2008 R2 (64-bit)", (6, 1)),
        ("Microsoft Windows Server 2012 R2 Standard", (6, 3)),
        ("Windows Server 2016 Datacenter", (10, 0, 14393)),
        ("6.3.9600", (6, 3)),
        ("10.0.17763", (10, 0, 17763)),
        ("Microsoft Windows NT 10.0.20348.0", (10, 0, 20348)),
    ],
)
def test_a_version_is_read_from_a_name_or_a_number(text: str, numbers: tuple[int, ...]) -> None:
    found = windows_version(text)
    assert found is not None
    assert found.numbers == numbers


@pytest.mark.parametrize("text", ["10.0", "Windows 11 Pro", "Ubuntu 20.04 LTS server", "", "2019"])
def test_a_text_that_does_not_tell_the_version_tells_none(text: str) -> None:
    assert windows_version(text) is None


@pytest.mark.parametrize(
    ("target", "machine", "verdict"),
    [
        ("Windows Server 2019", "Windows Server 2019 Standard", True),
        ("10.0.17763", "Windows Server 2016", True),
        ("Windows Server 2012", "Windows Server 2012 R2", False),
        ("6.3.9600", "6.3", True),
        ("Windows Server 2016 or later (64-bit)", "Windows Server 2016", True),
        ("Windows Server 2016 or later (64-bit)", "Windows Server 2019", None),
        ("Windows Server 2019", "Windows Server 2016 or later", None),
        ("Windows Server 2012", "Windows Server 2016 or later", False),
        ("Windows 10", "Windows Server 2016", None),
    ],
)
def test_a_target_is_compared_only_where_both_texts_are_exact_enough(
    target: str, machine: str, verdict: bool | None
) -> None:
    assert is_same_or_newer(target, machine) is verdict


def test_agent_versions_are_compared_as_numbers() -> None:
    assert agent_version("9.10.0.0") > agent_version("9.9.6365.1")
    assert agent_version("9.62") == agent_version("9.62.0.0")


@pytest.mark.parametrize("text", ["", "9", "9.x", "9..1", "v9.62", "9.6²"])
def test_a_text_that_is_no_version_is_not_taken_for_an_old_one(text: str) -> None:
    with pytest.raises(NotSeen):
        agent_version(text)


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1024, "1 KiB"),
        (100 * 2**30, "100 GiB"),
        (1.5 * 2**40, "1.5 TiB"),
        (5000 * 2**40, "5000 TiB"),
    ],
)
def test_a_size_is_shown_with_the_unit_that_fits(count: float, shown: str) -> None:
    assert shown_size(count) == shown
