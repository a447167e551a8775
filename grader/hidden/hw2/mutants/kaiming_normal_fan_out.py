# block: needle.init.init_initializers:kaiming_normal
# error: takes fan_out for fan_in
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return randn(fan_in, fan_out, std=math.sqrt(2 / fan_out), **kwargs)
