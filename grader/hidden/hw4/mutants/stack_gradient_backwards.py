# block: needle.ops.ops_structure:Stack.gradient
# error: gives the first array the adjoint of the last
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
parts = split(out_grad, self.axis).tuple()
return make_tuple(*parts[::-1])
