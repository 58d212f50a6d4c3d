"""What a gain on a change of ownership is, whatever changed."""

from abc import ABC, abstractmethod


class ThroughResult(ABC):
    """What goes through the result: a gain with the CTA that is recycled, nothing in equity."""

    __slots__ = ()

    cta_recycled: int

    @property
    @abstractmethod
    def gain_before_recycling(self) -> int:
        """What was received, or is worth, beyond what was carried."""

    @property
    def gain(self) -> int:
        """The group's gain, with the CTA that was recycled."""
        return self.gain_before_recycling + self.cta_recycled

    made = "gain"

    @property
    def cta_reattributed(self) -> int:
        """Nothing: no CTA passes from owners to outsiders."""
        return 0

    @property
    def adjustment(self) -> int:
        """Nothing: the owners' retained earnings change by the result alone."""
        return 0
