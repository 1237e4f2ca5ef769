"""Split a pasted command line into words. This helps to debug signatures (RFC 5849 section 3.4).

Two styles of quoting are supported, as browsers write them with "Copy as cURL". The style of bash has ``'...'``,
``"..."``, ``$'...'`` and a backslash at the end of a line. The style of cmd on Windows has ``^``; a command has this
style if it begins with ``curl ^"`` or its first line ends in ``^``. Nothing is run or expanded. ValueError is raised
for text that the shell would expand, and for more than one command. Octets that are not UTF-8 are decoded with
``surrogateescape``.
"""

import re

__all__ = ["words_of"]

BASH_PIECE = re.compile(
    r"""
    (?P<continued> \\\r?\n)
    | (?P<blank> [ \t]+)
    | '(?P<single> [^']*)'
    | \$'(?P<ansi> (?:[^'\\]|\\.)*)'
    | "(?P<double> (?:[^"\\]|\\.)*)"
    | \\(?P<escaped> .)
    | (?P<plain> \$(?=[ \t\r\n]|\Z) | (?:[^ \t\r\n'"\\$`;&|<>(){]|\r(?!\n))+)
    """,
    re.DOTALL | re.VERBOSE,
)
BASH_ESCAPE = re.compile(
    rb"\\(?:([abeEfnrtv\\'\"?])|([0-7]{1,3})|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|c(.))",
    re.DOTALL,
)
CONTROLS = dict(zip(b"abeEfnrtv", b"\a\b\x1b\x1b\f\n\r\t\v"))
EXPANDED = re.compile(r"(?<!\\)(?:\\\\)*(?:`|\$[A-Za-z0-9_({@*#?!$-])")
MORE_COMMANDS = "the text contains more than one command: paste only the command of the signed request"
SPECIAL = "{} outside quotes is a special character of the shell: "
OTHER_PROGRAMS = (
    (r"((const|let|var)\s+\w+\s*=\s*)?(await\s+)?fetch\(", "a JavaScript call of fetch"),
    (r"\$\w+\s*=|Invoke-(WebRequest|RestMethod)\b|iwr\b|irm\b", "a PowerShell command"),
    (r"wget\b", "a wget command"),
    (r"https?\s+(GET|POST|PUT|PATCH|DELETE|HEAD)\b", "an HTTPie command"),
    (r"(GET|POST|PUT|PATCH|DELETE|HEAD)\s\S+\sHTTP/", "an HTTP request"),
)
# A prompt: $, or such as user@host:~$ or user@host ~ %.
PROMPT = re.compile(r"\A[ \t\r\n]*(?:(?:[\w.-]{1,60}@[\w.-]{1,60}[: ][^\s$#%>]{0,200} ?[$#%>]|[$%>])[ \t]+)?")
IS_CURL = re.compile(r"curl(?:\.exe)?(?=[ \t]|\\?\r?\n)", re.IGNORECASE)
IS_OF_CMD = re.compile(r'curl(?:\.exe)?[ \t]+\^"')
# Find roughly where a command ends. A ; or && within a word is left to `words_of_bash`.
BASH_ROUGHLY = re.compile(
    r"""\$'(?:[^'\\]|\\.)*'|'[^']*'|"(?:[^"\\]|\\.)*"|\\\r?\n|\\.|(?P<comment>\#[^\r\n]*)"""
    r"""|(?P<between>(?:(?<![ \t])[ \t]+)?(?:;(?=[ \t\r\n]|\Z)|(?<=[ \t])&&(?=[ \t]))|\r?\n)|.""",
    re.DOTALL,
)
# Programs that only show the output of curl; a pipe to such a program does not affect the request.
SHOWS = re.compile(
    r"\s*(?:jq|yq|python[0-9.]*|json_pp|less|more|head|tail|tee|cat|grep|egrep|awk|sed|cut|tr|sort|wc|xmllint|base64"
    r"|column|iconv|gunzip|zcat|pbcopy|xclip|clip)\b"
)
CMD_PIECE = re.compile(r'(?P<slashes>\\*)(?P<quotes>"+)|(?P<blank>[ \t]+)|(?P<plain>\\+|[^\\" \t]+)')


def words_of(text: str) -> "list[str]":
    """Return the words of one command. Raises ValueError if a shell would expand a part, or for several commands.

    Of several commands, the only curl command is used, or else the only curl command with an ``oauth_signature``.
    """
    text = without_prompt(text)
    refuse_other_programs(text)
    is_of_cmd = IS_OF_CMD.match(text) or text.partition("\n")[0].rstrip("\r").endswith(" ^")
    commands = re.split(r"[ \t]&[ \t]*\r?\n(?=curl)", text) if is_of_cmd else commands_of_bash(text)
    curls = [each for each in commands if IS_CURL.match(each)]
    signed = [each for each in curls if "oauth_signature" in each]
    if len(curls) > 1 and len(signed) != 1:
        raise ValueError(MORE_COMMANDS)
    command = (signed if len(curls) > 1 else curls or [text])[0]
    if is_of_cmd:
        return words_of_cmd(command.replace("\r\n", "\n").rstrip(" \t\r\n"))
    return words_of_bash(without_pipe(command))


def holds_curl(text: str) -> bool:
    """Tell whether one of the commands of a text is a curl command."""
    return any([IS_CURL.match(each) for each in commands_of_bash(text)])


def without_prompt(text: str) -> str:
    return PROMPT.sub("", text)


def commands_of_bash(text: str) -> "list[str]":
    """Return the commands of a text, with their quotes and without comments."""
    commands: "list[list[str]]" = [[]]
    has_begun = False
    for match in BASH_ROUGHLY.finditer(text):
        if match.group("between"):
            commands.append([])
            has_begun = False
        elif has_begun or not match.group("comment"):
            commands[-1].append(match.group())
            has_begun = has_begun or bool(match.group().strip())
    return [without_prompt(each) for each in map("".join, commands) if each.strip()]


def without_pipe(command: str) -> str:
    """Return a command without its pipe, if the programs in the pipe only show the output."""
    parts: "list[list[str]]" = [[]]
    for match in BASH_ROUGHLY.finditer(command):
        if match.group() == "|":
            parts.append([])
        else:
            parts[-1].append(match.group())
    first, *others = ["".join(part) for part in parts]
    return first if all([SHOWS.match(part) for part in others]) else command


def refuse_other_programs(text: str) -> None:
    """Raise ValueError, with the name of the program, for a command that is not a curl command."""
    for pattern, name in OTHER_PROGRAMS:
        if re.match(pattern, text, re.IGNORECASE):
            raise ValueError('this is {}, not a curl command: choose "Copy as cURL (bash)" in the browser'.format(name))


def words_of_bash(text: str) -> "list[str]":
    words: "list[str]" = []
    word: "list[bytes] | None" = None
    kind = ""
    position = 0
    # White space at the end is removed, unless its first character is escaped.
    end = len(text.rstrip(" \t\r\n"))
    while position < end:
        match = BASH_PIECE.match(text, position)
        if match is None:
            raise ValueError(complaint(text[position:]))
        position = match.end()
        before, kind = kind, str(match.lastgroup)
        piece = match.group(kind)
        if before == kind == "double":
            raise ValueError(
                'bash ignores "" in double quotes, cmd reads it as a quote: use single quotes (bash) or ^" (cmd)'
            )
        if kind == "blank":
            if word is not None:
                words.append(as_text(b"".join(word)))
            word = None
        elif kind != "continued":
            if word is None and kind == "plain" and piece[0] in "#~":
                raise ValueError(SPECIAL.format(piece[0]) + "quote the word")
            word = word or []
            word.append(unquoted(kind, piece))
    return words if word is None else words + [as_text(b"".join(word))]


def unquoted(kind: str, piece: str) -> bytes:
    octets = piece.encode("utf-8", "surrogateescape")
    if kind == "double":
        if EXPANDED.search(piece):
            raise ValueError("the shell would expand $ or ` in double quotes: replace the expression with its value")
        return re.sub(rb'\\([$`"\\])|\\\n', rb"\1", octets)
    return BASH_ESCAPE.sub(unescaped, octets) if kind == "ansi" else octets


def unescaped(match: "re.Match[bytes]") -> bytes:
    """Return the octets of an escape in ``$'...'``."""
    character, octal, octet, short, long, control = match.groups()
    if character:
        return bytes([CONTROLS.get(character[0], character[0])])
    if octal:
        return bytes([int(octal, 8) & 0xFF])
    if control:
        return b"\x7f" if control == b"?" else bytes([control[0] & 0x1F])
    if octet:
        return bytes([int(octet, 16)])
    code = int(short or long, 16)
    if code > 0x10FFFF:
        raise ValueError("an escape in $'...' is beyond the last Unicode character: correct the escape")
    return chr(code).encode("utf-8", "surrogatepass")


def as_text(word: bytes) -> str:
    if b"\0" in word:
        raise ValueError("a word contains NUL, which no command can receive: remove the NUL")
    return word.decode("utf-8", "surrogateescape")


def complaint(rest: str) -> str:
    if rest[0] in "'\"" or rest[:2] == "$'":
        return "a quote is not closed: paste the whole command"
    if rest[0] in "\r\n":
        return MORE_COMMANDS
    if rest == "\\":
        return "the command ends in a backslash: paste the whole command"
    return SPECIAL.format(rest[0]) + "quote the word, or remove it"


def words_of_cmd(text: str) -> "list[str]":
    """Return the words as a Windows program receives them from cmd."""
    words: "list[list[str]]" = [[]]
    is_quoted = False
    for match in CMD_PIECE.finditer(passed_on_by_cmd(text).rstrip(" \t")):
        if match.group("blank") and not is_quoted:
            words.append([])
            continue
        quotes = match.group("quotes") or ""
        slashes = match.group("slashes") or ""
        words[-1].append((match.group("blank") or match.group("plain") or "") + "\\" * (len(slashes) // 2))
        if len(slashes) % 2:
            words[-1].append('"')
            quotes = quotes[1:]
        while quotes:
            # Inside quotes, two quotes stand for one quote character.
            is_pair = is_quoted and len(quotes) > 1
            words[-1].append('"' if is_pair else "")
            is_quoted ^= not is_pair
            quotes = quotes[1 + is_pair :]
    if is_quoted:
        raise ValueError("a quote is not closed: paste the whole command")
    return ["".join(word) for word in words]


def passed_on_by_cmd(text: str) -> str:
    """Return the command line as cmd passes it on, without its ^."""
    passed = []
    is_quoted = False
    characters = iter(text)
    for character in characters:
        if character == "^" and not is_quoted:
            character = next(characters, "")
            if character == "\n":
                character = next(characters, "")
        elif character == '"':
            is_quoted = not is_quoted
        elif character == "\n":
            raise ValueError(MORE_COMMANDS)
        elif character in "&|<>" and not is_quoted:
            raise ValueError(SPECIAL.format(character) + "remove that part")
        passed.append(character)
    return "".join(passed)
