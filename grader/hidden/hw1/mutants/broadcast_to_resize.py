# block: needle.ops.ops_mathematic:BroadcastTo.compute
# error: repeats the elements in a row until the shape is full
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return array_api.resize(a, self.shape)
