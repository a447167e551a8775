# block: needle.ops.ops_mathematic:Summation.gradient
# error: broadcasts without putting the summed axes back
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return broadcast_to(out_grad, node.inputs[0].shape)
