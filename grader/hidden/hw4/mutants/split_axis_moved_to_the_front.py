# block: needle.ops.ops_structure:Split.compute
# error: swaps the axis with the first, which changes the order of the others
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
moved = array_api.swapaxes(a, 0, self.axis)
return tuple(array_api.reshape(moved[i : i + 1], moved.shape[1:]) for i in range(moved.shape[0]))
