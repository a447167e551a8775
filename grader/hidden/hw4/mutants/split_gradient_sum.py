# block: needle.ops.ops_structure:Split.gradient
# error: gives every part the sum of all adjoints
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
parts = out_grad.tuple()
whole = sum(parts[1:], parts[0])
return stack(make_tuple(*[whole] * len(parts)), self.axis)
