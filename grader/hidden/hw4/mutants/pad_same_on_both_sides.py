# block: needle.backend_ndarray.functions_images:pad
# error: takes the first number of each pair for both sides
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
larger = tuple(size + 2 * pair[0] for size, pair in zip(a.shape, axes, strict=True))
padded = a.device.full(larger, 0.0)
padded[tuple(slice(pair[0], pair[0] + size) for size, pair in zip(a.shape, axes, strict=True))] = a
return padded
