"""The commands of docs/deploy.md, for the tests that run them as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/deploy.md"


def sections() -> dict[str, list[str]]:
    """The blocks of commands under each heading, in the order of the document."""
    found: dict[str, list[str]] = {}
    for part in re.split(r"^##+ ", DOCUMENT.read_text(), flags=re.MULTILINE)[1:]:
        title, _, text = part.partition("\n")
        found[title] = re.findall(r"^```\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    return found


def runbooks() -> dict[str, list[str]]:
    """Those that are for the night: the last part of the document."""
    titles = list(sections())
    return {title: sections()[title] for title in titles[titles.index("Runbooks") :]}


def block(section: str, part: str) -> str:
    """The one block under a heading that holds a text."""
    (found,) = (commands for commands in sections()[section] if part in commands)
    return found


def passes() -> list[str]:
    """What is in the secret in each pass in which an authority is replaced."""
    return re.findall(r"^\d\. `((?:[a-z-]+\.pem ?)+)`", DOCUMENT.read_text(), flags=re.MULTILINE)
