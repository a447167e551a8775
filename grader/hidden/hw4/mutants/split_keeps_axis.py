# block: needle.ops.ops_structure:Split.compute
# error: leaves the axis in the parts, with size 1
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
before = (slice(None),) * (self.axis % a.ndim)
return tuple(a[(*before, slice(i, i + 1))] for i in range(a.shape[self.axis]))
