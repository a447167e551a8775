# block: needle.init.init_initializers:xavier_uniform
# error: takes the standard deviation for the bound
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
std = gain * math.sqrt(2 / (fan_in + fan_out))
return rand(fan_in, fan_out, low=-std, high=std, **kwargs)
