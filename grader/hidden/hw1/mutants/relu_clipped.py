# block: needle.ops.ops_mathematic:ReLU.compute
# error: cuts off above 1 as well
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return array_api.clip(a, 0, 1)
