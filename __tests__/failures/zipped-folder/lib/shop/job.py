def discount(percent):
    if not 0 <= percent <= 100:
        raise ValueError(f"a discount of {percent} % cannot be")
    return 1 - percent / 100
