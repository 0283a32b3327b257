def checked(amount):
    if amount < 0:
        raise ValueError(f"negative amount: {amount}")
    return amount
