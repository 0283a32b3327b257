"""How a phone number is written: +<country><number>, digits only."""

import re

PREFIXES = {"CH": "41", "DE": "49", "IT": "39", "SE": "46"}


def digits(text: str) -> str:
    without_trunk = text.strip().replace("(0)", "")
    return re.sub(r"\D", "", without_trunk)


def clean_phone(phone, country):
    number = digits(phone)
    if number.startswith("00"):
        return "+" + number[2:]
    if phone.lstrip().startswith("+"):
        return "+" + number
    return "+" + PREFIXES[country] + number.lstrip("0")
