# block: needle.backend_ndarray.functions_images:pad
# error: puts all zeros behind the elements
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
sizes = list(zip(a.shape, axes, strict=True))
larger = tuple(before + size + after for size, (before, after) in sizes)
padded = a.device.full(larger, 0.0)
padded[tuple(slice(0, size) for size, (before, after) in sizes)] = a
return padded
