# block: needle.ops.ops_mathematic:PowerScalar.gradient
# error: leaves the exponent as it was
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return out_grad * self.scalar * node.inputs[0] ** self.scalar
