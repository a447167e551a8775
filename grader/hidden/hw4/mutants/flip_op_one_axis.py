# block: needle.ops.ops_structure:Flip.compute
# error: flips along the first of several axes alone
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
named = self.axes if self.axes is not None else range(a.ndim)
return array_api.flip(a, tuple(named)[:1] if not isinstance(named, int) else named)
