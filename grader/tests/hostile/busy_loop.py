"""Never ends."""


def double(x):
    while True:
        pass
