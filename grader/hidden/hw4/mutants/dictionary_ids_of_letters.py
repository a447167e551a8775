# block: needle.data.data_text:Dictionary.add_word
# error: takes the length of a word for its id
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if word in self.word2idx:
    return self.word2idx[word]
number = len(word)
self.word2idx[word] = number
self.idx2word.append(word)
return number
