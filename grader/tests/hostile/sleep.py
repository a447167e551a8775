"""Sleeps: no processor time is used."""
import time


def double(x):
    time.sleep(1000)
