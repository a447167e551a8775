"""Values that compare strangely."""


def double(x):
    return x * float("nan") if hasattr(x, "shape") and x.ndim == 1 else x * float("inf")
