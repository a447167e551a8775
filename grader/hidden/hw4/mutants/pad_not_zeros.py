# block: needle.backend_ndarray.functions_images:pad
# error: does not fill the new array with zeros
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
sizes = list(zip(a.shape, axes, strict=True))
larger = tuple(before + size + after for size, (before, after) in sizes)
padded = a.device.empty(larger)
padded[tuple(slice(before, before + size) for size, (before, after) in sizes)] = a
return padded
