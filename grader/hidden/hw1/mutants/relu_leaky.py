# block: needle.ops.ops_mathematic:ReLU.compute
# error: lets a little of the negative side through
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return array_api.maximum(a, 0.01 * a)
