# block: needle.data.data_text:Corpus.tokenize
# error: numbers words by the alphabet
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
ids = []
for word in sorted(set(Path(path).read_text(encoding="utf-8").split())):
    self.dictionary.add_word(word)
with open(path, encoding="utf-8") as text:
    for number, line in enumerate(text):
        if max_lines is not None and number >= max_lines:
            break
        for word in line.split() + ["<eos>"]:
            ids.append(self.dictionary.add_word(word))
return ids
