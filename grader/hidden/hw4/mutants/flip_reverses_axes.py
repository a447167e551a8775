# block: needle.backend_ndarray.functions_images:flip
# error: reverses the order of axes, not of elements
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
order = list(range(a.ndim))
for axis, other in zip(sorted(axes), sorted(axes, reverse=True)):
    order[axis] = other
return a.permute(order)
