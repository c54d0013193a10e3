"""EEL2, the language of REAPER's effects, as far as ours use it: compiled to Python, and that by numba.

What is peculiar to it is kept: names do not care about case, all values are doubles, ``==`` and truth have a tolerance
of 0.00001, an index is rounded down after adding as much, a block gives its last value, and a transform must not
cross a border of 65536 numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

CLOSE = 0.00001
_TOKEN = re.compile(
    r"\s*(?:(\d+\.?\d*|\.\d+)|([A-Za-z_$][\w.$]*)|(===|!==|<<|>>|[-+*/^%|&=!<>]=|&&|\|\||.))", re.DOTALL
)
_LEVELS = (("||", "&&"), ("<", ">", "<=", ">=", "==", "===", "!=", "!=="), ("|", "&"), ("+", "-"), ("*", "/"), ("%",))
_MATHS = {
    "abs": "abs({})",
    "ceil": "math.ceil({})",
    "cos": "math.cos({})",
    "exp": "math.exp({})",
    "floor": "math.floor({})",
    "log": "math.log({})",
    "max": "max({}, {})",
    "min": "min({}, {})",
    "sin": "math.sin({})",
    "sqr": "({0} * {0})",
    "sqrt": "math.sqrt(abs({}))",
}
_MEMORY = ("memset", "memcpy", "fft", "ifft", "convolve_c", "file_mem")
_FILES = ("file_open", "file_close", "file_avail", "file_riff")


def tokens(text: str) -> list[str]:
    """The words of a piece of EEL2, in lower case, without its comments."""
    text = re.sub(r"//[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL)
    return [token.lower() for match in _TOKEN.finditer(text) if (token := match[0].strip())]


@dataclass
class Program:
    """All sections of an effect: global names with their places, and the Python that has been made of them."""

    names: dict[str, int] = field(default_factory=dict)
    functions: dict[str, int] = field(default_factory=dict)
    source: list[str] = field(default_factory=list)

    def place(self, name: str) -> int:
        """The place of a global variable."""
        return self.names.setdefault(name, len(self.names))

    def add(self, name: str, text: str) -> None:
        """Compile a section into a function ``name(V, MEM, FILE)``: variables, memory, the file."""
        reader = _Reader(self, tokens(text))
        lines, value = reader.block(None)
        if reader.here < len(reader.words):
            raise SyntaxError(f"{name}: {reader.words[reader.here]!r} is not expected")
        self._define(name, "V, MEM, FILE", [*lines, f"return {value}"])

    def function(self, name: str, arguments: list[str], local: list[str], lines: list[str], value: str) -> None:
        """Add a user's function."""
        self.functions[name] = len(arguments)
        given = ", ".join(["V", "MEM", "FILE", *(f"l_{argument}" for argument in arguments)])
        self._define(f"f_{name}", given, [*(f"l_{other} = 0.0" for other in local), *lines, f"return {value}"])

    def _define(self, name: str, arguments: str, lines: list[str]) -> None:
        self.source += ["@njit", f"def {name}({arguments}):", *(f"    {line}" for line in lines), ""]


class _Reader:
    """Recursive descent; every method gives the statements to run first and the expression for the value."""

    def __init__(self, program: Program, words: list[str]) -> None:
        self.program, self.words, self.here = program, words, 0
        self.local: set[str] = set()
        self.count = 0

    def peek(self) -> str:
        return self.words[self.here] if self.here < len(self.words) else ""

    def take(self, expected: str | None = None) -> str:
        word = self.peek()
        if not word or (expected is not None and word != expected):
            raise SyntaxError(f"expected {expected or 'more'!r}, found {word!r} after {self.words[: self.here][-12:]}")
        self.here += 1
        return word

    def temporary(self) -> str:
        self.count += 1
        return f"t{self.count}"

    def held(self, value: str, into: list[str]) -> str:
        """The value in a variable of its own, so that what comes later cannot change it."""
        name = self.temporary()
        into.append(f"{name} = {value}")
        return name

    def block(self, end: str | None) -> tuple[list[str], str]:
        lines, value = [], "0.0"
        while self.peek() and self.peek() != end:
            if self.peek() == ";":
                self.take()
            elif self.peek() == "function":
                self.definition()
            else:
                more, value = self.expression()
                lines += more
        return lines, value

    def definition(self) -> None:
        self.take("function")
        name = self.take()
        arguments = self.names()
        local: list[str] = []
        if self.peek() == "local":
            self.take()
            local = self.names()
        self.take("(")
        self.local, before = {*arguments, *local}, self.local
        self.program.functions[name] = len(arguments)
        lines, value = self.block(")")
        self.local = before
        self.take(")")
        self.program.function(name, arguments, local, lines, value)

    def names(self) -> list[str]:
        self.take("(")
        names = []
        while self.peek() != ")":
            names += [word for word in [self.take()] if word != ","]
        self.take(")")
        return names

    def expression(self) -> tuple[list[str], str]:
        lines, value = self.binary(0)
        if self.peek() == "?":
            return self.choice(lines, value)
        if re.fullmatch(r"[-+*/^%|&]?=", self.peek()):
            operator = self.take()
            before, given = self.expression()
            lines += before
            if operator != "=":
                given = self.operation(operator[0], value, given)
            name = self.held(given, lines)
            lines.append(f"{value} = {name}")
            return lines, name
        return lines, value

    def choice(self, lines: list[str], condition: str) -> tuple[list[str], str]:
        self.take("?")
        result = self.temporary()
        for head in (f"if abs({condition}) >= {CLOSE}:", "else:"):
            body: list[str] = []
            value = "0.0"
            if head != "else:":
                body, value = self.expression()
            elif self.peek() == ":":
                self.take()
                body, value = self.expression()
            lines += [head, *(f"    {line}" for line in body), f"    {result} = {value}"]
        return lines, result

    def binary(self, level: int) -> tuple[list[str], str]:
        if level == len(_LEVELS):
            return self.power()
        lines, value = self.binary(level + 1)
        while self.peek() in _LEVELS[level]:
            operator = self.take()
            value = self.held(value, lines)
            more, other = self.binary(level + 1)
            if operator in ("&&", "||"):
                result = self.temporary()
                stop = "0.0" if operator == "&&" else "1.0"
                sign = "<" if operator == "&&" else ">="
                truth = f"    {result} = 1.0 if abs({other}) >= {CLOSE} else 0.0"
                lines += [f"if abs({value}) {sign} {CLOSE}:", f"    {result} = {stop}", "else:"]
                lines += [*(f"    {line}" for line in more), truth]
                value = result
            else:
                lines += more
                value = self.held(self.operation(operator, value, other), lines)
        return lines, value

    def power(self) -> tuple[list[str], str]:
        lines, value = self.unary()
        if self.peek() == "^":
            self.take()
            more, other = self.unary()
            value = self.held(value, lines)
            return [*lines, *more], f"({value} ** {other})"
        return lines, value

    @staticmethod
    def operation(operator: str, left: str, right: str) -> str:
        if operator == "==":
            return f"(1.0 if abs({left} - {right}) < {CLOSE} else 0.0)"
        if operator == "!=":
            return f"(1.0 if abs({left} - {right}) >= {CLOSE} else 0.0)"
        if operator in ("===", "!==", "<", ">", "<=", ">="):
            return f"(1.0 if {left} {operator[:2]} {right} else 0.0)"
        if operator in ("%", "|", "&"):
            return f"float(int({left}) {operator} int({right}))"
        return f"({left} {'**' if operator == '^' else operator} {right})"

    def unary(self) -> tuple[list[str], str]:
        if self.peek() in ("-", "+", "!"):
            operator = self.take()
            lines, value = self.unary()
            if operator == "!":
                return lines, f"(1.0 if abs({value}) < {CLOSE} else 0.0)"
            return lines, f"({operator}{value})"
        lines, value = self.primary()
        while self.peek() == "[":
            self.take()
            more, index = self.block("]")
            self.take("]")
            if more:
                value = self.held(value, lines)
            lines += more
            place = self.held(f"int({value} + {index} + {CLOSE})", lines)
            value = f"MEM[{place}]"
        return lines, value

    def primary(self) -> tuple[list[str], str]:
        word = self.take()
        if word == "(":
            lines, value = self.block(")")
            self.take(")")
            return lines, self.held(value, lines)
        if word[0].isdigit() or word[0] == ".":
            return [], repr(float(word))
        if word == "$pi":
            return [], "math.pi"
        if self.peek() == "(":
            return self.call(word)
        return [], f"l_{word}" if word in self.local else f"V[{self.program.place(word)}]"

    def call(self, name: str) -> tuple[list[str], str]:
        self.take("(")
        if name in ("loop", "while"):
            return self.repetition(name)
        lines: list[str] = []
        values: list[str] = []
        while self.peek() != ")":
            more, value = self.expression()
            lines += more
            direct = name == "file_riff" and values
            values.append(value if direct else self.held(value, lines))
            if self.peek() == ",":
                self.take()
        self.take(")")
        if name in self.program.functions:
            if len(values) != self.program.functions[name]:
                raise SyntaxError(f"{name} takes {self.program.functions[name]} arguments, not {len(values)}")
            return lines, self.held(f"f_{name}({', '.join(['V', 'MEM', 'FILE', *values])})", lines)
        if name in _MATHS:
            return lines, self.held(f"float({_MATHS[name].format(*values)})", lines)
        if name == "file_riff":
            lines += [f"{values[1]} = FILE[1]", f"{values[2]} = FILE[2]"]
            return lines, "0.0"
        if name in _FILES:
            return lines, {"file_avail": "float(len(FILE) - FILE[0])", "file_open": "1.0"}.get(name, "0.0")
        if name in _MEMORY:
            lines.append(f"{name}({', '.join(['MEM', *(['FILE'] if name == 'file_mem' else []), *values])})")
            return lines, "0.0"
        raise SyntaxError(f"there is no function {name!r}")

    def repetition(self, name: str) -> tuple[list[str], str]:
        before, value = self.expression()
        if name == "loop":
            self.take(",")
            body, _ = self.block(")")
            self.take(")")
            index = self.temporary()
            return [*before, f"for {index} in range(int({value})):", *(f"    {x}" for x in body or ["pass"])], "0.0"
        self.take(")")
        self.take("(")
        body, _ = self.block(")")
        self.take(")")
        again = [*before, f"if abs({value}) < {CLOSE}:", "    break", *body]
        return ["while True:", *(f"    {line}" for line in again)], "0.0"
