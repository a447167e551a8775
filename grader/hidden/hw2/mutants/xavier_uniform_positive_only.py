# block: needle.init.init_initializers:xavier_uniform
# error: draws from zero up to the bound
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
bound = gain * math.sqrt(6 / (fan_in + fan_out))
return rand(fan_in, fan_out, high=bound, **kwargs)
