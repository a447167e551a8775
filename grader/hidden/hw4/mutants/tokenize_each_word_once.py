# block: needle.data.data_text:Corpus.tokenize
# error: lists each word once
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
ids = []
with open(path, encoding="utf-8") as text:
    for number, line in enumerate(text):
        if max_lines is not None and number >= max_lines:
            break
        for word in line.split() + ["<eos>"]:
            number = self.dictionary.add_word(word)
            if number not in ids:
                ids.append(number)
return ids
