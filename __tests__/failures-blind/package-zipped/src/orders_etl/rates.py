from dataclasses import dataclass, field


class MissingRate(LookupError):
    """There is no exchange rate for a currency on a day."""


@dataclass
class RateTable:
    rates: dict = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> "RateTable":
        lines = [line.split(",") for line in text.split() if line]
        return cls({(day, currency): float(rate) for day, currency, rate in lines})

    def rate(self, day: str, currency: str) -> float:
        if currency == "CHF":
            return 1.0
        found = self.rates.get((day, currency))
        if found is None:
            raise MissingRate(f"no rate for {currency} on {day}: {len(self.rates)} rates are known")
        return found
