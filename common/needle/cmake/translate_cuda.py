"""Translates a CUDA source into C++ that runs on the CPU with `src/cuda_emulation`: translate_cuda.py IN.cu -o OUT.cc

Three things of CUDA are no C++, and are rewritten:

    kernel<<<grid, block, shared, stream>>>(args)   becomes a call of ::cuda_emulation::launch
    __shared__ float tile[16][17];                  becomes a reference to memory of the block
    extern __shared__ float buffer[];               becomes a pointer to what the launch gave the block

Everything else stays as it is, on its line, so that compilers name lines of the source. The rest of CUDA (threadIdx,
barriers, cudaMalloc) is in the headers. What the emulation lacks is an error with file, line and name. Headers beside
the source that are included in quotes are translated likewise, and lie beside the output if that changes them.
"""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from cuda_lacks import HEADERS, HIDING, NAMES
from cuda_tokens import BLANK, CLOSE, OPEN, Token, tokens_of

_WORDS = ("return", "else", "do", "if", "while", "for")  # what may stand before a parenthesis without being called


class TranslationError(Exception):
    """What cannot be translated, as a compiler says it: "kernels.cu:12: error: ..."."""


@dataclass
class Scope:
    """A pair of braces that is open."""

    in_function: bool = False
    on_device: bool = False
    head: list[Token] = field(default_factory=list)  # the tokens since the last statement in it ended


class Translator:
    """Translates one file.

    name: how the file is called in errors and in #line
    """

    def __init__(self, source: str, name: str, line: int = 1, *, in_macro: bool = False, count: int = 0) -> None:
        self.name = name
        self.tokens = list(tokens_of(source, line))
        self.in_macro = in_macro
        self.count = count  # of shared variables so far
        self.changed = False
        self.out: list[Token] = []  # what is translated
        self.scopes = [Scope(in_function=in_macro)]

    def translate(self) -> str:
        position = 0
        while position < len(self.tokens):
            position = self._one(position)
        return "".join(token.text for token in self.out)

    def _error(self, line: int, message: str) -> TranslationError:
        return TranslationError(f"{self.name}:{line}: error: {message}")

    # ---- one token after another ----

    def _one(self, position: int) -> int:
        """Translates what begins at a token. Returns where it ends."""
        token = self.tokens[position]
        if token.kind in BLANK:
            self.out.append(token)
            return position + 1
        if token.text == "#" and self._begins_line(position) and not self.in_macro:
            return self._directive(position)
        if token.kind == "name":
            self._refuse_hiding(token.text, token.line)
            if token.text == "_Pragma":
                words = self.tokens[position : position + 6]  # with its string
                self._refuse_hiding("".join(word.text for word in words), token.line)
            if token.text in NAMES and self._is_cudas(position):
                raise self._error(token.line, f"the emulation of CUDA lacks {NAMES[token.text]}")
            if token.text == "__shared__":
                return self._shared(position)
            if token.text == "__noinline__" and not self._in_attribute():
                self.changed = True
                token = Token("name", "__attribute__((noinline))", token.line)
        if token.text == "<" and self._run(position, "<") == 3 and self._previous().text != "operator":
            return self._launch(position)
        self._track(token)
        self.out.append(token)
        return position + 1

    def _begins_line(self, position: int) -> bool:
        while position > 0 and self.tokens[position - 1].kind in ("space", "comment"):
            position -= 1
        return position == 0 or self.tokens[position - 1].kind == "newline"

    def _is_cudas(self, position: int) -> bool:
        """Whether a name is not a member of something, nor declared here as a variable, such as `int texture = 1;`."""
        before, after = self._previous().text, self._next(position + 1)
        if before in (".", "->", "::"):
            return False
        text = self.tokens[position].text
        if text == "texture":
            return after == "<"
        return text != "wmma" or after in ("(", "::")

    def _refuse_hiding(self, text: str, line: int) -> None:
        found = HIDING.search(text)
        if found:
            raise self._error(
                line, f"every load and store of a kernel is watched and counted here: leave out {found[0]}"
            )

    def _in_attribute(self) -> bool:
        return "".join(token.text for token in self.out[-4:] if token.kind not in BLANK).endswith("((")

    def _previous(self) -> Token:
        """The last token that was translated and is no white space."""
        end = self._skip_back(len(self.out))
        return self.out[end - 1] if end else Token("newline", "", 0)

    def _next(self, position: int) -> str:
        while position < len(self.tokens) and self.tokens[position].kind in BLANK:
            position += 1
        return self.tokens[position].text if position < len(self.tokens) else ""

    def _run(self, position: int, text: str) -> int:
        """How many tokens in a row, without space between them, are `text`."""
        end = position
        while end < len(self.tokens) and self.tokens[end].text == text:
            end += 1
        return end - position

    def _track(self, token: Token) -> None:
        """Keeps account of which braces are open, and whether code in them runs on the GPU."""
        scope = self.scopes[-1]
        if token.text == "{":
            words = {part.text for part in scope.head}
            device = "__global__" in words or ("__device__" in words and "__host__" not in words)
            # A function has parameters; a namespace, a class and extern "C" { have none.
            inner = scope.in_function or ")" in words
            self.scopes.append(Scope(in_function=inner, on_device=scope.on_device or device))
        elif token.text == "}":
            if len(self.scopes) > 1:
                self.scopes.pop()
            self.scopes[-1].head.clear()
        elif token.text == ";":
            scope.head.clear()
        else:
            scope.head.append(token)

    # ---- directives ----

    def _directive(self, position: int) -> int:
        line = self.tokens[position].line
        end = position
        while end < len(self.tokens) and self.tokens[end].kind != "newline":
            end += 1
        text = "".join(token.text for token in self.tokens[position:end])
        plain = "".join(token.text for token in self.tokens[position:end] if token.kind != "comment")
        if re.match(r"#\s*pragma\b", plain):
            self._refuse_hiding(plain, line)
        if re.match(r"#\s*define\b", plain):
            text = self._macro(text, line)
        elif re.match(r"#\s*pragma\s+(?:unroll|nounroll|nv_)", plain):
            self.changed, text = True, "\n" * text.count("\n")
        elif included := re.match(r"#\s*include\s*[<\"]([^>\"]*)[>\"]", plain):
            for pattern, words in HEADERS.items():
                if re.fullmatch(pattern, included[1]):
                    raise self._error(line, f"the emulation of CUDA lacks {words} (#include of {included[1]})")
        self.out.append(Token("comment", text, line))
        return end

    def _macro(self, text: str, line: int) -> str:
        """A #define whose body may hold a launch."""
        head = re.match(r"#\s*define\s+\w+(?:\([^()]*\))?", text)
        if head is None:
            return text
        start = line + head[0].count("\n")
        body = Translator(text[head.end() :], self.name, start, in_macro=True, count=self.count)
        translated = body.translate()
        self.count, self.changed = body.count, self.changed or body.changed
        return head[0] + translated

    # ---- launches ----

    def _launch(self, position: int) -> int:
        line = self.tokens[position].line
        kernel = self._kernel_before(line)
        if self.scopes[-1].on_device:
            raise self._error(line, "the emulation of CUDA lacks launches inside of kernels (dynamic parallelism)")
        close, end = self._configuration_end(position + 3, line)
        arguments_end = self._matching(end, line)
        name = " ".join("".join(" " if token.kind in BLANK else token.text for token in kernel).split())
        arguments = self._inner(end + 1, arguments_end)
        comma = ", " if arguments.strip() else ""
        text = (
            f"::cuda_emulation::launch({{CUDA_EMULATION_TEXT({name}), __FILE__, __LINE__}}, "
            f"::cuda_emulation::configuration({self._inner(position + 3, close)}), "
            f"[&](const auto&... cuda_values) CUDA_EMULATION_OF_HOST {{ {name}(cuda_values...); }}{comma}{arguments})"
        )
        self.changed = True
        self.out.append(Token("launch", text + "\n" * sum(token.text.count("\n") for token in kernel), line))
        return arguments_end + 1

    def _kernel_before(self, line: int) -> list[Token]:
        """Takes the expression that names the kernel back from what is translated: `a::Kernel<4>`, `kernels[i]`."""
        start = end = self._skip_back(len(self.out))
        while True:
            start = self._operand_before(start, line)
            joint = self._skip_back(start)
            if self._text_before(joint) == "template":
                start = joint - 1
                joint = self._skip_back(start)
            if self._text_before(joint) not in ("::", ".", "->"):
                break
            start = joint - 1
            before = self._skip_back(start)
            joined = (">",) if self.out[start].text == "::" else (">", "]", ")")
            if not self._name_before(before) and self._text_before(before) not in joined:
                break  # ::Kernel
        if start >= end:
            raise self._error(line, "<<< begins a launch, and no kernel stands before it")
        kernel = self.out[start:]
        del self.out[start:]
        self._forget(kernel)
        return kernel

    def _operand_before(self, end: int, line: int) -> int:
        """Where a name begins, with its template arguments, indices and calls; or an expression in parentheses."""
        start = self._skip_back(end)
        while self._text_before(start) in (">", "]", ")"):
            closing = self._text_before(start)
            back = self._back_over_template if closing == ">" else self._back_over_brackets
            opened = back(start, line)
            start = self._skip_back(opened)
            if closing == ")" and not self._name_before(start):
                return opened
        return start - 1 if self._name_before(start) else start

    def _name_before(self, end: int) -> bool:
        return end > 0 and self.out[end - 1].kind == "name" and self.out[end - 1].text not in _WORDS

    def _forget(self, tokens: list[Token]) -> None:
        """Takes tokens that are translated otherwise out of the statement that was kept account of."""
        head = self.scopes[-1].head
        del head[len(head) - sum(token.kind not in BLANK for token in tokens) :]

    def _skip_back(self, end: int) -> int:
        while end and self.out[end - 1].kind in BLANK:
            end -= 1
        return end

    def _text_before(self, end: int) -> str:
        return self.out[end - 1].text if end else ""

    def _back_over_brackets(self, end: int, line: int) -> int:
        """Where the bracket opens that closes before `end`."""
        depth = 0
        for position in range(end - 1, -1, -1):
            text = self.out[position].text
            if text in CLOSE:
                depth += 1
            elif text in OPEN:
                depth -= 1
                if depth == 0:
                    return position
        raise self._error(line, "the kernel before <<< has a bracket that does not open")

    def _back_over_template(self, end: int, line: int) -> int:
        depth, position = 0, end
        while position > 0:
            text = self.out[position - 1].text
            if text in CLOSE:
                position = self._back_over_brackets(position, line)
                continue
            depth += (text == ">") - (text == "<")
            position -= 1
            if depth == 0:
                return position
            if text in (";", "{"):
                break
        raise self._error(line, "the kernel before <<< has a template argument list that does not open")

    def _configuration_end(self, position: int, line: int) -> tuple[int, int]:
        """Where the >>> of a launch begins, and where the parenthesis opens that follows it."""
        depth = 0
        while position < len(self.tokens):
            text = self.tokens[position].text
            if text in OPEN:
                depth += 1
            elif text in CLOSE:
                depth -= 1
            elif text == ";" and depth == 0:
                break
            elif text == ">" and depth == 0:
                run = self._run(position, ">")
                end = position + run
                while end < len(self.tokens) and self.tokens[end].kind in BLANK:
                    end += 1
                if run >= 3 and end < len(self.tokens) and self.tokens[end].text == "(":
                    return position + run - 3, end
                position += run - 1
            position += 1
        raise self._error(line, "<<< begins a launch, and no >>>( ends its configuration")

    def _matching(self, position: int, line: int) -> int:
        """Where the parenthesis closes that opens at `position`."""
        closing: list[str] = []
        for end in range(position, len(self.tokens)):
            text = self.tokens[end].text
            if text in OPEN:
                closing.append(OPEN[text])
            elif text in CLOSE and closing.pop() != text:
                break
            if not closing:
                return end
        raise self._error(line, "the parenthesis after >>> does not close")

    def _inner(self, start: int, end: int) -> str:
        """A part of the source, translated in the scope where it stands."""
        if start >= end:
            return ""
        text = "".join(token.text for token in self.tokens[start:end])
        inner = Translator(text, self.name, self.tokens[start].line, in_macro=True, count=self.count)
        inner.scopes = [Scope(in_function=True, on_device=self.scopes[-1].on_device)]
        translated = inner.translate()
        self.count = inner.count
        return translated

    # ---- shared memory ----

    def _shared(self, position: int) -> int:
        line = self.tokens[position].line
        if not self.scopes[-1].in_function:
            raise self._error(
                line, "the emulation of CUDA lacks __shared__ outside of functions: declare it in the kernel"
            )
        # What came before, as `extern`, `static` or `volatile`, belongs to it.
        start = len(self.out)
        while (before := self._skip_back(start)) and self.out[before - 1].text in (
            "extern",
            "static",
            "volatile",
            "const",
        ):
            start = before - 1
        leading = self.out[start:]
        del self.out[start:]
        self._forget(leading)
        end = self._statement_end(position, line)
        words = [*leading, *self.tokens[position + 1 : end]]
        external = any(token.text == "extern" for token in words)
        words = self._without_alignment([t for t in words if t.text not in ("extern", "static", "__shared__")])
        lines = sum(token.text.count("\n") for token in [*leading, *self.tokens[position:end]])
        type_text, declarators = self._declarators([token for token in words if token.kind not in BLANK], line)
        made = [self._declaration(type_text, name, bounds, line, external=external) for name, bounds in declarators]
        self.changed = True
        self.out.append(Token("shared", " ".join(made) + "\n" * lines, line))
        return end + 1

    def _declaration(self, type_text: str, name: str, bounds: str, line: int, *, external: bool) -> str:
        number, self.count = self.count, self.count + 1
        kind, declared = f"cuda_type_{number}", f"cuda_shared_{number}"
        found = f"auto& {name} = ::cuda_emulation::static_shared<{kind}>({declared});"
        if external:  # its first bound is left open, and the pointer is to what the others describe
            bounds = bounds[bounds.index("]") + 1 :] if bounds else ""
            found = f"auto* const {name} = ::cuda_emulation::dynamic_shared<{kind}>({declared});"
        return (
            f'static const ::cuda_emulation::SharedDeclaration {declared}{{"{name}", __FILE__, {line}}}; '
            f"typedef {type_text} {kind}{bounds}; {found}"
        )

    def _statement_end(self, position: int, line: int) -> int:
        depth = 0
        for end in range(position, len(self.tokens)):
            text = self.tokens[end].text
            depth += (text in OPEN) - (text in CLOSE)
            if text == ";" and depth == 0:
                return end
        raise self._error(line, "no ; ends the declaration of a __shared__ variable")

    def _without_alignment(self, words: list[Token]) -> list[Token]:
        """All of shared memory is aligned; a type cannot say so here."""
        kept: list[Token] = []
        position = 0
        while position < len(words):
            if words[position].text in ("__align__", "alignas"):
                depth = 0
                position += 1
                while position < len(words):
                    depth += (words[position].text == "(") - (words[position].text == ")")
                    position += 1
                    if depth == 0 and words[position - 1].text == ")":
                        break
                continue
            kept.append(words[position])
            position += 1
        return kept

    def _declarators(self, words: list[Token], line: int) -> tuple[str, list[tuple[str, str]]]:
        """The type of a declaration, and the name and bounds of each variable: `float`, `a` `[4][5]`, `b` ``."""
        position, angle = 0, 0
        while position < len(words):
            text = words[position].text
            after = words[position + 1].text if position + 1 < len(words) else ";"
            if text in OPEN:
                position = self._past_brackets(words, position)
                continue
            angle += (text == "<") - (text == ">")
            if angle == 0 and position and words[position].kind == "name" and after in (";", ",", "[", "=", "(", "{"):
                break
            position += 1
        type_text = " ".join(token.text for token in words[:position])
        variables: list[tuple[str, str]] = []
        while position < len(words):
            if words[position].kind != "name":
                raise self._error(
                    line,
                    "the emulation of CUDA lacks this form of a __shared__ declaration: give each "
                    "variable one of its own, as `__shared__ float tile[16][16];`",
                )
            name, position = words[position].text, position + 1
            bounds = position
            while position < len(words) and words[position].text == "[":
                position = self._past_brackets(words, position)
            variables.append((name, " ".join(token.text for token in words[bounds:position])))
            if position < len(words) and words[position].text != ",":
                raise self._error(
                    line,
                    f"{name} is a __shared__ variable and cannot have an initial value: "
                    "let a thread assign it, and the others wait",
                )
            position += 1
        if not variables:
            raise self._error(line, "a __shared__ declaration names no variable")
        return type_text, variables

    @staticmethod
    def _past_brackets(words: list[Token], position: int) -> int:
        depth = 0
        while position < len(words):
            depth += (words[position].text in OPEN) - (words[position].text in CLOSE)
            position += 1
            if depth == 0:
                break
        return position


def translate(source: str, name: str) -> str:
    """The translation of a source, with a #line that names it.

    Raises TranslationError: if it holds what the emulation lacks.
    """
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'#line 1 "{escaped}"\n{Translator(source, name).translate()}'


def translate_file(source: Path, output: Path) -> None:
    """Translates a file and, where they need it, the headers beside it that it includes."""
    seen = {source.resolve()}
    pending = [(source, output)]
    while pending:
        path, target = pending.pop()
        text = path.read_text(encoding="utf-8")
        translator = Translator(text, str(path))
        translated = translator.translate()
        if path == source or translator.changed:
            target.parent.mkdir(parents=True, exist_ok=True)
            escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
            target.write_text(f'#line 1 "{escaped}"\n{translated}', encoding="utf-8")
        for included in re.findall(r'^[^\S\n]*#\s*include\s*"([^"\n]+)"', text, re.MULTILINE):
            header = path.parent / included
            if header.resolve() not in seen and header.is_file() and not Path(included).is_absolute():
                seen.add(header.resolve())
                pending.append((header, target.parent / included))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("source", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    try:
        translate_file(arguments.source, arguments.output)
    except TranslationError as error:
        print(error, file=sys.stderr)
        return 1
    except (OSError, UnicodeDecodeError) as error:
        print(f"{arguments.source}: error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
