# block: needle.data.data_text:Dictionary.add_word
# error: returns nothing for a word that it has
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if word in self.word2idx:
    return None
number = len(self.idx2word)
self.word2idx[word] = number
self.idx2word.append(word)
return number
