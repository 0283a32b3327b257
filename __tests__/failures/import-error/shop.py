def check(rows):
    return rows.count()
