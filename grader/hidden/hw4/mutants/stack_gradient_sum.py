# block: needle.ops.ops_structure:Stack.gradient
# error: gives every array the sum of all their adjoints
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
whole = out_grad.sum(axes=(self.axis % len(out_grad.shape),))
return make_tuple(*[whole] * out_grad.shape[self.axis])
