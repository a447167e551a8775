# block: needle.data.data_text:Dictionary.add_word
# error: gives a word a new id each time
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
number = len(self.idx2word)
self.word2idx[word] = number
self.idx2word.append(word)
return number
