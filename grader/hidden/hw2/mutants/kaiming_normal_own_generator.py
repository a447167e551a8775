# block: needle.init.init_initializers:kaiming_normal
# error: draws from a generator of its own
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
import numpy as np

array = np.random.default_rng().normal(0, math.sqrt(2 / fan_in), size=(fan_in, fan_out))
return Tensor(array, **{"dtype": "float32", "requires_grad": False, **kwargs})
