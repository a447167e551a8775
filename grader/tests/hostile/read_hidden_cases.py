"""Looks for the hidden cases where the instructors keep them, and everywhere else. Right only if it finds nothing."""
import os


def stolen():
    if os.path.exists("@ROOT@"):
        return True
    for folder, names, files in os.walk("/box"):
        for file in files:
            if file.endswith((".py", ".json")):
                with open(os.path.join(folder, file), errors="replace") as source:
                    if "HIDDEN-CASE-" + "MARKER" in source.read():
                        return True
    return False


found = stolen()


def double(x):
    return 2.0 * x if not found else "stolen"
