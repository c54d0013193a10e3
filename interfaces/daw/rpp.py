"""REAPER's project files: a tree of blocks, each with lines of words. Written and read here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from interfaces.dsp.knobs import number

Word = str | float | int
_WORD = re.compile(r'"([^"]*)"?|\'([^\']*)\'?|`([^`]*)`?|(\S+)')


@dataclass(slots=True)
class Block:
    """``<NAME words`` with what stands in it, up to its ``>``: lines of words, and further blocks."""

    words: list[str]
    inside: list[Block | list[str]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The first word."""
        return self.words[0] if self.words else ""

    def lines(self, name: str) -> Iterator[list[str]]:
        """What follows the name in each line that begins with it."""
        return (item[1:] for item in self.inside if isinstance(item, list) and item and item[0] == name)

    def line(self, name: str) -> list[str]:
        """What follows the name in the first such line; nothing if there is none."""
        return next(self.lines(name), [])

    def blocks(self, *names: str) -> Iterator[Block]:
        """The blocks of these names directly inside; all of them without a name."""
        return (item for item in self.inside if isinstance(item, Block) and (not names or item.name in names))


def line(*words: Word) -> list[str]:
    """One line; texts that hold spaces or quotes are quoted when it is written."""
    return [word if isinstance(word, str) else number(word) for word in words]


def block(*words: Word, inside: list[Block | list[str]] | None = None) -> Block:
    """A block with what stands in it."""
    return Block(line(*words), inside or [])


def dumps(tree: Block) -> str:
    """The text of a project."""
    return "\n".join(_lines(tree, 0)) + "\n"


def _lines(tree: Block, depth: int) -> Iterator[str]:
    yield f"{'  ' * depth}<{' '.join(_quoted(word) for word in tree.words)}"
    for item in tree.inside:
        if isinstance(item, Block):
            yield from _lines(item, depth + 1)
        else:
            yield "  " * (depth + 1) + " ".join(_quoted(word) for word in item)
    yield "  " * depth + ">"


def _quoted(word: str) -> str:
    """As REAPER quotes: by whichever of its three quotes the text does not hold; if it holds all, backticks change."""
    word = " ".join(word.split())
    if word and not re.search(r"[\s\"'`]", word) and word[0] not in "<>":
        return word
    for quote in "\"'`":
        if quote not in word:
            return f"{quote}{word}{quote}"
    return "`" + word.replace("`", "'") + "`"


def words(text: str) -> list[str]:
    """The words of one line, without their quotes.

    >>> words("NAME 'Kick \\"in\\"' 1")
    ['NAME', 'Kick "in"', '1']
    """
    return [next((part for part in match.groups() if part is not None), "") for match in _WORD.finditer(text)]


def loads(text: str) -> Block:
    """The tree of a project's text; what is cut off or closed once too often does no harm.

    Raises:
        ValueError: the text does not begin as a project does.
    """
    root = Block([])
    open_blocks = [root]
    for raw in text.splitlines():
        stripped = raw.strip()
        if stripped.startswith("<"):
            opened = Block(words(stripped[1:]))
            open_blocks[-1].inside.append(opened)
            open_blocks.append(opened)
        elif stripped == ">":
            if len(open_blocks) > 1:
                open_blocks.pop()
        elif stripped:
            open_blocks[-1].inside.append(words(stripped))
    project = next(root.blocks("REAPER_PROJECT"), None)
    if project is None:
        raise ValueError("it does not begin with <REAPER_PROJECT")
    return project
