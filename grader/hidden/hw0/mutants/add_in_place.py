# block: hw0/src/simple_ml.py:add
# error: adds into the first argument
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
x += y
return x
