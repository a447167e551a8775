# block: needle.ops.ops_mathematic:Exp.compute
# error: powers of 2
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return array_api.exp2(a)
