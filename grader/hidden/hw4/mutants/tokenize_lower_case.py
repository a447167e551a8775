# block: needle.data.data_text:Corpus.tokenize
# error: makes capitals small
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
ids = []
with open(path, encoding="utf-8") as text:
    for number, line in enumerate(text):
        if max_lines is not None and number >= max_lines:
            break
        for word in line.lower().split() + ["<eos>"]:
            ids.append(self.dictionary.add_word(word))
return ids
