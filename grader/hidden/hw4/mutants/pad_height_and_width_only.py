# block: needle.backend_ndarray.functions_images:pad
# error: pads the second and third axis only
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
pairs = [pair if axis in (1, 2) else (0, 0) for axis, pair in enumerate(axes)]
larger = tuple(before + size + after for size, (before, after) in zip(a.shape, pairs, strict=True))
padded = a.device.full(larger, 0.0)
padded[tuple(slice(before, before + size) for size, (before, _) in zip(a.shape, pairs, strict=True))] = a
return padded
