"""Why a close stopped: errors named for what happened."""

import copyreg
from typing import Any, ClassVar

from monthclose.wording import say


class CloseError(Exception):
    """
    Something that stops the close.

    A subclass has a `code` that never changes, its facts as attributes, and a
    sentence of the same code in the catalogue (`errors`) that says what is wrong,
    by how much, and what to do next.
    """

    code: ClassVar[str]

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(say(f"errors.{self.code}", **facts))

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["facts"][name]
        except KeyError:
            raise AttributeError(name) from None

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel between processes whole: subclasses are not made from their message."""
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]

    def message(self, lang: str = "en") -> str:
        """Say what is wrong, by how much and what to do, in *lang*."""
        return say(f"errors.{self.code}", lang, **self.facts)
