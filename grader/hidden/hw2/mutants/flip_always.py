# block: needle.data.data_transforms:RandomFlipHorizontal.__call__
# error: flips each image
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return img[:, ::-1, :]
