"""Finds the case's secrets in its process, which nothing can prevent, and puts them where students might read them."""
import sys


def secret():
    return sys.modules["hidden_cases"].SECRET


def double(x):
    print(secret())
    print(secret(), file=sys.stderr)
    kind = type(secret(), (Exception,), {"__module__": "builtins"})
    raise kind(secret())
