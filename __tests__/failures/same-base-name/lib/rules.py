def check(count):
    if count < 1:
        raise ValueError("no rows")
    print("the rules hold")
