# block: needle.ops.ops_mathematic:EWiseDiv.compute
# error: integer division
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return a // b
