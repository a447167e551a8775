# block: needle.ops.ops_structure:Split.compute
# error: splits along the last axis, whatever is asked for
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
axis = a.ndim - 1
rest = a.shape[:axis] + a.shape[axis + 1 :]
before = (slice(None),) * axis
return tuple(array_api.reshape(a[(*before, slice(i, i + 1))], rest) for i in range(a.shape[axis]))
