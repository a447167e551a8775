# block: needle.init.init_initializers:kaiming_uniform
# error: takes the standard deviation for the bound
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
std = math.sqrt(2 / fan_in)
return rand(*(shape or (fan_in, fan_out)), low=-std, high=std, **kwargs)
