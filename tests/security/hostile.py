"""Text that wants to do harm: what a name in vCenter or in Azure may hold, and what a reader must never be told by it."""

from __future__ import annotations

from hypothesis import strategies as st

NAMES = (
    "[/]",
    "vm[/b]",
    "[red]",
    "[@click=app.quit]x[/]",
    "[link=https://evil.example]a[/link]",
    "a\x1b]0;owned\x07b",  # the window's title
    "a\x1b]52;c;b3duZWQ=\x07b",  # the clipboard
    "a\x1b[2J\x1b[1;1Hb",
    "a\x1bP1$tx\x1b\\b",
    "a\x9b2Jb\x9d0;owned\x9c",  # the same in C1
    "evil\u202egnp.exe\u202c\u2066x\u2069",
    "zero\u200bwidth\ufeff\u2028line\u2029paragraph",
    "\r\nSet-Cookie: x\tb\x00\x08\x7f",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "</style></title><!-- ]]> &amp; &#x1b; '\"",
    "[x](javascript:alert(1)) ![](https://evil.example/a.png) `code` |cell| ~~s~~ <b>",
    "=cmd|' /C calc'!A0",
    "$(reboot) `reboot` ; reboot && reboot | reboot",
    "{name} {0} %s %(x)s",
    "\ufffe\uffff\U0001fffe\ud800",  # not characters at all
    "名前" * 30,
    "👩‍👩‍👧‍👦🏴‍☠️é\u0301" * 10,
    "x" * 10_000,
    "",
)
"""Every kind of harm that has been seen, by hand."""

PIECES = st.sampled_from([one for one in NAMES if len(one) < 100])  # the long one is tried by itself
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=8)), min_size=1, max_size=5).map("".join)
"""Any mixture of them with anything else, unpaired surrogates included."""

NEVER_RAW = frozenset(
    [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0)) if code != 0x0A]
    + [
        "\u200b",
        "\u2028",
        "\u2029",
        "\u202a",
        "\u202b",
        "\u202c",
        "\u202d",
        "\u202e",
        "\u2066",
        "\u2067",
        "\u2068",
        "\u2069",
    ]
    + ["\ufeff"]
)
"""What no report for people holds: it would move a cursor, start a sequence, or turn the direction of a line."""
