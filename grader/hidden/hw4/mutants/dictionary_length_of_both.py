# block: needle.data.data_text:Dictionary.__len__
# error: counts words and ids
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return len(self.idx2word) + len(self.word2idx)
