# block: needle.ops.ops_mathematic:Log.gradient
# error: divides by the logarithm instead of its argument
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return out_grad / node
