# block: needle.init.init_initializers:kaiming_normal
# error: draws uniform numbers
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
bound = math.sqrt(6 / fan_in)
return rand(fan_in, fan_out, low=-bound, high=bound, **kwargs)
