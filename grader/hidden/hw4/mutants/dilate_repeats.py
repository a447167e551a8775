# block: needle.ops.ops_structure:Dilate.compute
# error: repeats each element where zeros belong
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
step = self.dilation + 1
for axis in self.axes:
    if axis < a.ndim:
        place = axis % a.ndim
        sizes = (*a.shape[: place + 1], step, *a.shape[place + 1 :])
        repeated = array_api.broadcast_to(array_api.expand_dims(a, place + 1), sizes)
        a = array_api.reshape(repeated, (*a.shape[:place], a.shape[place] * step, *a.shape[place + 1 :]))
return a
