# block: needle.ops.ops_structure:Split.compute
# error: begins with the last part
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
axis = self.axis % a.ndim
rest = a.shape[:axis] + a.shape[axis + 1 :]
before = (slice(None),) * axis
return tuple(array_api.reshape(a[(*before, slice(i, i + 1))], rest) for i in reversed(range(a.shape[axis])))
