# block: needle.init.init_initializers:xavier_uniform
# error: draws normal numbers
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
std = gain * math.sqrt(2 / (fan_in + fan_out))
return randn(fan_in, fan_out, std=std, **kwargs)
