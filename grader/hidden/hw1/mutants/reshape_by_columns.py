# block: needle.ops.ops_mathematic:Reshape.compute
# error: takes the elements column by column
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return array_api.reshape(a, self.shape, order="F")
