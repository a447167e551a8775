# block: needle.ops.ops_structure:Stack.compute
# error: stacks along the first axis and reshapes, which mixes the elements of other axes
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
shape = args[0].shape
axis = self.axis % (len(shape) + 1)
stacked = _arrays.zeros((len(args), *shape), like=args[0])
for i, array in enumerate(args):
    stacked[i : i + 1] = array_api.expand_dims(array, 0)
return array_api.reshape(stacked, (*shape[:axis], len(args), *shape[axis:]))
