# block: needle.init.init_initializers:kaiming_normal
# error: forgets the gain of a ReLU
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return randn(fan_in, fan_out, std=1 / math.sqrt(fan_in), **kwargs)
