# block: needle.backend_ndarray.functions_images:pad
# error: takes the pairs for the axes from the last to the first, as PyTorch does
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
pairs = axes[::-1]
larger = tuple(before + size + after for size, (before, after) in zip(a.shape, pairs, strict=True))
padded = a.device.full(larger, 0.0)
padded[tuple(slice(before, before + size) for size, (before, _) in zip(a.shape, pairs, strict=True))] = a
return padded
