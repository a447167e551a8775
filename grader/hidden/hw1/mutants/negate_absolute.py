# block: needle.ops.ops_mathematic:Negate.compute
# error: the negative of the absolute value
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return -array_api.abs(a)
