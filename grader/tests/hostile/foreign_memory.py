"""Writes through a null pointer, as a native extension gone wrong does."""
import ctypes


def double(x):
    ctypes.memset(0, 1, 8)
