"""The words of a command line that was pasted: a help for debugging signatures (RFC 5849 section 3.4), not of the RFC.

Two ways of quoting are read, as browsers write them by "Copy as cURL": that of bash, with ``'...'``,
``"..."``, ``$'...'`` and a backslash at the end of a line, and that of cmd on Windows, with ``^``, known by
``curl ^"`` or a first line that ends in ``^``. Nothing is expanded or run: what the shell would expand, or
take for more than one command, is refused by ValueError. Octets that are not UTF-8 stand by ``surrogateescape``.
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
MORE_COMMANDS = "the text is more than one command: paste the one of the signed request"
OTHER_PROGRAMS = (
    (r"(await\s+)?fetch\(", "a call of fetch in JavaScript"),
    (r"\$session\s*=|Invoke-(WebRequest|RestMethod)\b|iwr\b", "a command for PowerShell"),
    (r"wget\b", "a command line of wget"),
    (r"https?\s+(GET|POST|PUT|PATCH|DELETE|HEAD)\b", "a command line of HTTPie"),
    (r"(GET|POST|PUT|PATCH|DELETE|HEAD)\s\S+\sHTTP/", "an HTTP request, no command line"),
)
IS_CURL = re.compile(r"curl(?:\.exe)?(?=[ \t]|\\?\r?\n)", re.IGNORECASE)
IS_OF_CMD = re.compile(r'curl(?:\.exe)?[ \t]+\^"')
# Where a command ends, as far as that can be told without reading it. A ; or && within a word is left to the reader.
BASH_ROUGHLY = re.compile(
    r"""\$'(?:[^'\\]|\\.)*'|'[^']*'|"(?:[^"\\]|\\.)*"|\\\r?\n|\\.|(?P<comment>\#[^\r\n]*)"""
    r"""|(?P<between>(?:(?<![ \t])[ \t]+)?(?:;(?=[ \t\r\n]|\Z)|(?<=[ \t])&&(?=[ \t]))|\r?\n)|.""",
    re.DOTALL,
)
# What an answer is piped into does not matter for the request.
SHOWS = re.compile(
    r"\s*(?:jq|yq|python[0-9.]*|json_pp|less|more|head|tail|tee|cat|grep|egrep|awk|sed|cut|tr|sort|wc|xmllint|base64"
    r"|column|iconv|gunzip|zcat|pbcopy|xclip|clip)\b"
)
CMD_PIECE = re.compile(r'(?P<slashes>\\*)(?P<quotes>"+)|(?P<blank>[ \t]+)|(?P<plain>\\+|[^\\" \t]+)')


def words_of(text: str) -> "list[str]":
    """Return the words of one command. Raises ValueError if they depend on more than the text.

    Of several commands it is the one of curl, or else the only one of curl that holds an ``oauth_signature``.
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


def without_prompt(text: str) -> str:
    return re.sub(r"^[ \t\r\n]*(?:[$%>][ \t]+)?", "", text)


def commands_of_bash(text: str) -> "list[str]":
    """Return the commands of a text, each with its quotes; a comment is none."""
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
    """Return a command without what its answer is piped into, if that only shows the answer."""
    parts: "list[list[str]]" = [[]]
    for match in BASH_ROUGHLY.finditer(command):
        if match.group() == "|":
            parts.append([])
        else:
            parts[-1].append(match.group())
    first, *others = ["".join(part) for part in parts]
    return first if all([SHOWS.match(part) for part in others]) else command


def refuse_other_programs(text: str) -> None:
    """Raise ValueError, by the name of the program, for what a browser copies beside "Copy as cURL"."""
    for pattern, name in OTHER_PROGRAMS:
        if re.match(pattern, text, re.IGNORECASE):
            raise ValueError('this is {}, not of curl: choose "Copy as cURL (bash)" in the browser'.format(name))


def words_of_bash(text: str) -> "list[str]":
    words: "list[str]" = []
    word: "list[bytes] | None" = None
    kind = ""
    position = 0
    # White space at the end is no word, unless the first of it is escaped.
    end = len(text.rstrip(" \t\r\n"))
    while position < end:
        match = BASH_PIECE.match(text, position)
        if match is None:
            raise ValueError(complaint(text[position:]))
        position = match.end()
        before, kind = kind, str(match.lastgroup)
        piece = match.group(kind)
        if before == kind == "double":
            raise ValueError('"" within quotes is nothing to bash and a quote to cmd: use single quotes, or ^"')
        if kind == "blank":
            if word is not None:
                words.append(as_text(b"".join(word)))
            word = None
        elif kind != "continued":
            if word is None and kind == "plain" and piece[0] in "#~":
                raise ValueError("{} outside quotes means something to the shell: quote the word".format(piece[0]))
            word = word or []
            word.append(unquoted(kind, piece))
    return words if word is None else words + [as_text(b"".join(word))]


def unquoted(kind: str, piece: str) -> bytes:
    octets = piece.encode("utf-8", "surrogateescape")
    if kind == "double":
        if EXPANDED.search(piece):
            raise ValueError("the shell would expand a $ or ` in double quotes: paste what it stands for")
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
        raise ValueError("an escape in $'...' is no character")
    return chr(code).encode("utf-8", "surrogatepass")


def as_text(word: bytes) -> str:
    if b"\0" in word:
        raise ValueError("no argument of a command can hold NUL")
    return word.decode("utf-8", "surrogateescape")


def complaint(rest: str) -> str:
    if rest[0] in "'\"" or rest[:2] == "$'":
        return "a quote is not closed"
    if rest[0] in "\r\n":
        return MORE_COMMANDS
    if rest == "\\":
        return "the command ends in a backslash: some of it is missing"
    return "{} outside quotes means something to the shell: quote the word, or leave that part out".format(rest[0])


def words_of_cmd(text: str) -> "list[str]":
    """Return the words as the runtime of a Windows program takes them from what cmd passes on."""
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
            # Two quotes within quotes are one, as data.
            is_pair = is_quoted and len(quotes) > 1
            words[-1].append('"' if is_pair else "")
            is_quoted ^= not is_pair
            quotes = quotes[1 + is_pair :]
    if is_quoted:
        raise ValueError("a quote is not closed")
    return ["".join(word) for word in words]


def passed_on_by_cmd(text: str) -> str:
    """Return the command line without the ^ of cmd."""
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
            raise ValueError("{} outside quotes means something to the shell: leave that part out".format(character))
        passed.append(character)
    return "".join(passed)
