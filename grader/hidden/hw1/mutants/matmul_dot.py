# block: needle.ops.ops_mathematic:MatMul.compute
# error: np.dot, which pairs every matrix of a batch with every other
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return array_api.dot(a, b)
