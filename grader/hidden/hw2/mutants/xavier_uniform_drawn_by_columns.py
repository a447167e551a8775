# block: needle.init.init_initializers:xavier_uniform
# error: draws in the order of the columns
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
bound = gain * math.sqrt(6 / (fan_in + fan_out))
return rand(fan_out, fan_in, low=-bound, high=bound, **kwargs).transpose()
