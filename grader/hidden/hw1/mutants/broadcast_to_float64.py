# block: needle.ops.ops_mathematic:BroadcastTo.compute
# error: adds zeros of another dtype
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return a + array_api.zeros(self.shape)
