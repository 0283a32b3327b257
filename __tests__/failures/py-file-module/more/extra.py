"""Small things."""


def first(rows):
    return rows[0]
