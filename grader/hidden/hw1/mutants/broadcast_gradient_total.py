# block: needle.ops.ops_mathematic:BroadcastTo.gradient
# error: sums over everything
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
shape = node.inputs[0].shape
return broadcast_to(reshape(summation(out_grad), (1,) * len(shape)), shape)
