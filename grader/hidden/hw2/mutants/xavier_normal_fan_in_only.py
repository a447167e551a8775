# block: needle.init.init_initializers:xavier_normal
# error: takes fan_in for the mean of both
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return randn(fan_in, fan_out, std=gain * math.sqrt(1 / fan_in), **kwargs)
