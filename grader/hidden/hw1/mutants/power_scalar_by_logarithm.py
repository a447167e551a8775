# block: needle.ops.ops_mathematic:PowerScalar.compute
# error: takes the logarithm, which negative bases do not have
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
with array_api.errstate(invalid="ignore"):
    return array_api.exp(self.scalar * array_api.log(a))
