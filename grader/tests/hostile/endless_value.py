"""A list that holds itself."""


def double(x):
    value = [x]
    value.append(value)
    value.append(value)
    return value
