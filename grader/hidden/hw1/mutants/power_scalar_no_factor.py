# block: needle.ops.ops_mathematic:PowerScalar.gradient
# error: forgets the exponent as a factor
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return out_grad * node.inputs[0] ** (self.scalar - 1)
