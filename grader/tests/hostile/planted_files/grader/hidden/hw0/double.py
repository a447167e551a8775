"""Cases to one's own taste."""


def submit_vector():
    """Nothing"""
