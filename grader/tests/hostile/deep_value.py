"""A list that is nested 10^5 deep, as a value."""


def double(x):
    value = x
    for _ in range(10**5):
        value = [value]
    return value
