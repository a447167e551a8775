# block: needle.ops.ops_structure:Tanh.gradient
# error: squares the argument instead of the result
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
(a,) = node.inputs
return out_grad * (1 - a * a)
