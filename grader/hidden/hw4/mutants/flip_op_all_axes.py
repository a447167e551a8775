# block: needle.ops.ops_structure:Flip.compute
# error: flips along all axes, whatever is asked for
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return array_api.flip(a)
