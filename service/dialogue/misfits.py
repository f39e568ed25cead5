"""What is too long where it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from service.text.gsm7 import USSD_PAGE

from .faults import Fault, Where, at_text
from .measure import Holder, ScreenSize, sizes
from .model import Menu
from .texts import Texts


@dataclass(frozen=True, slots=True)
class Misfit:
    """Words too long where they are shown.

    `where` is a screen or, when a text is too long `alone`, the text's key. `size` and `limit` are
    septets, `below` is the error above the screen when that is what is long.
    """

    where: str
    size: int
    limit: int
    holder: Holder = "page"
    below: str = ""
    alone: bool = False

    def __str__(self) -> str:
        how = f"below {self.below!r}" if self.below else "at the longest"
        return f"{self.size} septets {how}; a {self.holder} holds {self.limit}"

    @property
    def over(self) -> int:
        """By how many septets it is too long."""
        return self.size - self.limit

    def fault(self, menu: Menu, language: str) -> Fault:
        """Say it of the text, or of the screen at the words that stand above its lines."""
        if self.alone:
            return at_text(language, self.where).fault(str(self))
        at = at_text(language, menu.screens[self.where].text)
        return Where(f"screen {self.where}", at.place).fault(str(self))


def misfits(
    menu: Menu,
    texts: Texts,
    language: str,
    keys: frozenset[str] | None = None,
    sound: frozenset[str] | None = None,
) -> Iterator[Misfit]:
    """Yield what is too long in a language, with the longest values; of these `keys` only, if any.

    What the language lacks is measured in Vietnamese, as it would be said.
    """
    found = sizes(menu, texts, language, keys, sound)
    for size in found.texts:
        if size.is_over:
            yield Misfit(size.key, size.longest, size.room, size.holder, alone=True)
    for screen in found.screens:
        yield from _of_screen(screen)


def _of_screen(size: ScreenSize) -> Iterator[Misfit]:
    if size.longest > size.room:
        yield Misfit(size.screen.id, size.longest, size.room)
        return
    for error, longest in size.below.items():
        if longest > USSD_PAGE:
            yield Misfit(size.screen.id, longest, USSD_PAGE, below=error)
