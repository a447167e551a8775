# block: needle.ops.ops_mathematic:MatMul.compute
# error: multiplies the other way round where the shapes allow it
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return b @ a if a.shape == b.shape else a @ b
