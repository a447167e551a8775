# block: needle.data.data_text:Dictionary.__len__
# error: the largest id
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return max(self.word2idx.values(), default=0)
