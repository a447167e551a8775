# block: needle.backend_ndarray.functions_images:pad
# error: takes the numbers in the order of the buffer, not of the array
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
sizes = list(zip(a.shape, axes, strict=True))
larger = tuple(before + size + after for size, (before, after) in sizes)
padded = a.device.full(larger, 0.0)
inside = tuple(slice(before, before + size) for size, (before, after) in sizes)
padded[inside] = NDArray.make(a.shape, None, a.device, a._handle)
return padded
