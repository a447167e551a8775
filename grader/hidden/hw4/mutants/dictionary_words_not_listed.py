# block: needle.data.data_text:Dictionary.add_word
# error: has ids by word, but not words by id
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if word in self.word2idx:
    return self.word2idx[word]
number = len(self.word2idx)
self.word2idx[word] = number
return number
