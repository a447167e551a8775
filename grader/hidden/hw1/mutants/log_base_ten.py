# block: needle.ops.ops_mathematic:Log.compute
# error: the logarithm to base 10
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return array_api.log10(a)
