# block: needle.data.data_text:Corpus.tokenize
# error: takes all lines
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
ids = []
with open(path, encoding="utf-8") as text:
    for number, line in enumerate(text):
        if max_lines == 0:
            break
        for word in line.split() + ["<eos>"]:
            ids.append(self.dictionary.add_word(word))
return ids
