# block: needle.ops.ops_mathematic:DivScalar.gradient
# error: multiplies instead of dividing
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return out_grad * self.scalar
