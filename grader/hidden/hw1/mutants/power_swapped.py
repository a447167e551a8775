# block: needle.ops.ops_mathematic:EWisePow.compute
# error: base and exponent swapped
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return b**a
