# block: needle.ops.ops_structure:Tanh.compute
# error: computes (1 - exp(-a)) / (1 + exp(-a)), which is tanh(a / 2)
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
small = array_api.exp(-a)
return (1 - small) / (1 + small)
