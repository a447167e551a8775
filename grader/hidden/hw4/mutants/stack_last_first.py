# block: needle.ops.ops_structure:Stack.compute
# error: begins with the last array
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
shape = args[0].shape
axis = self.axis % (len(shape) + 1)
stacked = _arrays.zeros((*shape[:axis], len(args), *shape[axis:]), like=args[0])
for i, array in enumerate(args[::-1]):
    stacked[(slice(None),) * axis + (slice(i, i + 1),)] = array_api.expand_dims(array, axis)
return stacked
