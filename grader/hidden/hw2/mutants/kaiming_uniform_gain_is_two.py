# block: needle.init.init_initializers:kaiming_uniform
# error: takes 2 for the gain of a ReLU
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
bound = 2 * math.sqrt(3 / fan_in)
return rand(*(shape or (fan_in, fan_out)), low=-bound, high=bound, **kwargs)
