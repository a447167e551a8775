# block: needle.ops.ops_structure:Stack.compute
# error: makes the new axis the first, whatever is asked for
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
shape = args[0].shape
axis = 0
stacked = _arrays.zeros((*shape[:axis], len(args), *shape[axis:]), like=args[0])
for i, array in enumerate(args):
    stacked[(slice(None),) * axis + (slice(i, i + 1),)] = array_api.expand_dims(array, axis)
return stacked
