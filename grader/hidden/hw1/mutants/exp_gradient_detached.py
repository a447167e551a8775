# block: needle.ops.ops_mathematic:Exp.gradient
# error: multiplies by an array, so the gradient has no gradient
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return out_grad * Tensor(node.numpy())
