"""A shelf of the warehouse."""

from dataclasses import dataclass


@dataclass
class Shelf:
    aisle: str
    used: int
    capacity: int

    @property
    def free(self) -> int:
        return self.capacity - self.used

    @property
    def load(self) -> float:
        """How full the shelf is, in percent."""
        return round(100 * (1 - self.free / self.capacity), 1)
