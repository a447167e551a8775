# block: needle.ops.ops_structure:Tanh.compute
# error: divides exponentials that overflow
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
grown, shrunk = array_api.exp(a), array_api.exp(-a)
return (grown - shrunk) / (grown + shrunk)
