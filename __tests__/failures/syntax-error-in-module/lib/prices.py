TABLE = "prices"
CURRENCIES = ["EUR", "CHF"

def known(currency):
    return currency in CURRENCIES
