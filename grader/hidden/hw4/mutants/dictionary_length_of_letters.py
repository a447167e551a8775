# block: needle.data.data_text:Dictionary.__len__
# error: counts letters
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return len("".join(self.idx2word))
