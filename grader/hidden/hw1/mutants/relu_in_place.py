# block: needle.ops.ops_mathematic:ReLU.compute
# error: overwrites its input
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
a[a < 0] = 0
return a
