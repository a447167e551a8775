# block: needle.init.init_initializers:xavier_normal
# error: squares the gain
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return randn(fan_in, fan_out, std=gain**2 * math.sqrt(2 / (fan_in + fan_out)), **kwargs)
