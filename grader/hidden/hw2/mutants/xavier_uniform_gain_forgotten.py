# block: needle.init.init_initializers:xavier_uniform
# error: forgets the gain
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
bound = math.sqrt(6 / (fan_in + fan_out))
return rand(fan_in, fan_out, low=-bound, high=bound, **kwargs)
