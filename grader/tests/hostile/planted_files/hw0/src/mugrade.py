def submit(*args, **kwargs):
    raise SystemExit(0)
