# block: needle.ops.ops_mathematic:PowerScalar.gradient
# error: computes with arrays, so the gradient has no gradient
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
values = node.inputs[0].numpy()
return out_grad * Tensor(self.scalar * values ** (self.scalar - 1))
