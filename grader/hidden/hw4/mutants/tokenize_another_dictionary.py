# block: needle.data.data_text:Corpus.tokenize
# error: numbers the words of each text anew
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
ids = []
self.dictionary = Dictionary()
with open(path, encoding="utf-8") as text:
    for number, line in enumerate(text):
        if max_lines is not None and number >= max_lines:
            break
        for word in line.split() + ["<eos>"]:
            ids.append(self.dictionary.add_word(word))
return ids
