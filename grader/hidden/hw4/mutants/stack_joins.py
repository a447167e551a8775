# block: needle.ops.ops_structure:Stack.compute
# error: joins the arrays along an axis that they have already
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
shape = args[0].shape
axis = min(self.axis % (len(shape) + 1), len(shape) - 1)
joined = _arrays.zeros((*shape[:axis], len(args) * shape[axis], *shape[axis + 1 :]), like=args[0])
for i, array in enumerate(args):
    joined[(slice(None),) * axis + (slice(i * shape[axis], (i + 1) * shape[axis]),)] = array
return joined
