# block: needle.data.data_text:Corpus.tokenize
# error: takes words that the training text does not have for ends of lines
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
ids = []
with open(path, encoding="utf-8") as text:
    for number, line in enumerate(text):
        if max_lines is not None and number >= max_lines:
            break
        for word in line.split() + ["<eos>"]:
            if "train" in str(path):
                self.dictionary.add_word(word)
            ids.append(self.dictionary.word2idx.get(word, self.dictionary.add_word("<eos>")))
return ids
