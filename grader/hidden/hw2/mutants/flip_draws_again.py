# block: needle.data.data_transforms:RandomFlipHorizontal.__call__
# error: draws a second time
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return img[:, ::-1] if np.random.rand() < self.p else img
