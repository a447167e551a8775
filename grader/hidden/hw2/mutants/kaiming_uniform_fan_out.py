# block: needle.init.init_initializers:kaiming_uniform
# error: takes fan_out for fan_in
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
bound = math.sqrt(6 / fan_out)
return rand(*(shape or (fan_in, fan_out)), low=-bound, high=bound, **kwargs)
