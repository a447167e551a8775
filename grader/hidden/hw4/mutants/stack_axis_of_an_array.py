# block: needle.ops.ops_structure:Stack.compute
# error: counts a negative axis from the end of the arrays' axes
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
shape = args[0].shape
axis = self.axis if self.axis >= 0 else self.axis + len(shape)
stacked = _arrays.zeros((*shape[:axis], len(args), *shape[axis:]), like=args[0])
for i, array in enumerate(args):
    stacked[(slice(None),) * axis + (slice(i, i + 1),)] = array_api.expand_dims(array, axis)
return stacked
