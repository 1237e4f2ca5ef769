"""Words of pasted command lines: bash itself says what its words are; those of cmd are written by its rules."""

import os
import subprocess

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from oauth1_core.debugging.shell_words import words_of
from tests.support.programs import path_of

BASH = [
    "curl a  b\tc",
    "curl 'a b' 'c\"d' '\\n' '$x `y` #'",
    'curl "a b" "c\'d" "e\\"f\\$g\\`h\\\\i\\j" "100 $" "$" "a\\\nb"',
    "curl a\\ b \\'c \\\nd e\\\nf \\$x \\#",
    "curl a'b c'\"d e\"$'f\\n'g",
    "curl '' \"\" $'' x''y",
    "curl http://h/?a=[1]#x x~ a#b 1~2 a=b %20 ^ ! - -- @ * ?",
    "curl $ a$ 'b'$",
    r"curl $'\a\b\e\E\f\n\r\t\v\\\'\"\?'",
    r"curl $'\u0021\u00e9\u20ac\U0001f600\x41\x4g\101\18\cA\c?'",
    r"curl $'\xe9' $'\xc3\xa9' $'\ud83d\ude00' $'\377'",
    r"curl $'\z\x\u\U\9' $'é' é 'é' "+'"é"',
    "  \n curl a \n \n",
    "curl 'x'#y \"a\"~b x'#'#",
    r"curl $'\U0010ffff'",
    "curl a\\ ",
    "curl a\\\\\n",
    "curl a\rb\r",
    "curl 'two\nlines' \"and\ntwo\" $'and\ntwo'",
    "curl 'http://h/' \\\n  -H 'a: b' \\\n  --data-raw $'{\"a\":\"it\\'s\\u0021\"}' \\\n  --compressed",
]  # fmt: skip


def words_of_bash(text):
    """What bash makes of the words behind ``curl``."""
    program = b"curl() { printf '%s\\0' curl \"$@\"; }\n" + text.encode("utf-8", "surrogateescape")
    environment = {"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [path_of("bash"), "--norc", "-f", "-s"], input=program, capture_output=True, env=environment, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return [word.decode("utf-8", "surrogateescape") for word in done.stdout.split(b"\0")[:-1]]


@pytest.mark.parametrize("text", BASH)
def test_words_are_those_of_bash(text):
    assert words_of(text) == words_of_bash(text)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), max_size=4), st.data())
def test_quoted_in_any_way_a_word_comes_back(words, data):
    def quoted(word):
        way = data.draw(st.sampled_from(["single", "double", "ansi", "backslash"]))
        if way == "ansi":
            escaped = "".join([f"\\U{ord(each):08x}" if data.draw(st.booleans()) else each for each in word])
            return "$'" + (escaped if "'" not in word + escaped and "\\" not in word else ansi(word)) + "'"
        if way == "double":
            return '"' + "".join(["\\" * (each in '$`"\\') + each for each in word]) + '"'
        if way == "backslash" and word and "\n" not in word:
            return "".join(["\\" + each for each in word])
        return "'" + word.replace("'", "'\\''") + "'"

    assert words_of(" ".join(["curl", *map(quoted, words)])) == ["curl", *words]


def ansi(word):
    return "".join([f"\\U{ord(each):08x}" for each in word])


@pytest.mark.parametrize(
    "line",
    [
        "$ curl 'a b'",
        "  $  curl 'a b'",
        "curl 'a b' | jq .",
        "curl 'a b' | python3 -m json.tool\n",
        "curl 'a b' | jq '.a | .b'",
        "curl 'a b' \\\n  | jq -r \".a\" | tee out.json",
        "% curl 'a b'",
        "curl 'a b';",
        "curl 'a b' ;\n",
    ],
)
def test_a_prompt_and_where_the_answer_goes_are_passed_over(line):
    assert words_of(line) == ["curl", "a b"]


def test_a_pipe_in_quotes_is_kept():
    assert words_of("curl -d 'a | jq b' h") == ["curl", "-d", "a | jq b", "h"]


@pytest.mark.parametrize(
    "text",
    [
        "curl 'http://h/one' ;\ncurl 'http://h/?oauth_signature=x' \\\n  -H 'a: b' ;\ncurl 'http://h/three'",
        "export TOKEN=$(cat token)\n$ curl 'http://h/?oauth_signature=x' -H 'a: b'\n",
        "# it's the first\ncd /tmp && curl 'http://h/?oauth_signature=x' -H 'a: b' | jq '.'",
        "$ curl 'http://h/a;b'\n$ curl 'http://h/?oauth_signature=x' -H 'a: b'; echo \"done\"",
        'curl ^"http://h/^" &\r\ncurl ^"http://h/?oauth_signature=x^" ^\r\n  -H ^"a: b^" &\r\ncurl ^"http://h/c^"',
    ],
)
def test_of_several_commands_the_signed_one_of_curl_is_taken(text):
    assert words_of(text) == ["curl", "http://h/?oauth_signature=x", "-H", "a: b"]


# Every line is refused, and why: a word of the message.
REFUSED = {
    "curl http://h/?a=1&b=2": "^& outside quotes is a special character of the shell: quote the word, or remove it$",
    "curl 'a' | sh": "|",
    "curl 'a' | jq . | sh": "|",
    "curl 'a' > file": ">",
    "curl 'a'; curl 'b'": "^the text contains more than one command: paste only the command of the signed request$",
    "curl a;b": ";",
    "curl 'a' &": "&",
    "curl 'a?oauth_signature=1'; curl 'b?oauth_signature=2'": "more than one",
    'curl ^"a^" &\r\ncurl ^"b^"': "more than one",
    "curl $(cat secret)": "\\$",
    "curl `cat secret`": "`",
    "curl $HOME": "\\$",
    'curl "$HOME"': "expand",
    'curl "${HOME}"': "expand",
    'curl "`id`"': "expand",
    'curl "\\\\$HOME"': "expand",
    'curl $"a"': "\\$",
    "curl {a,b}": "{",
    "curl ~/file": "~",
    "curl a # b": "#",
    "curl 'a": "^a quote is not closed: paste the whole command$",
    'curl "a': "not closed",
    "curl $'a": "not closed",
    "curl a \\": "^the command ends in a backslash: paste the whole command$",
    "curl a\ncurl b": "^the text contains more than one command: paste only the command of the signed request$",
    "curl a\r\ncurl b": "more than one",
    "curl $'a\\0'": "NUL",
    "curl $'\\u0000'": "NUL",
    "curl $'\\U00110000'": "last Unicode character",
    'curl "a=""b"""': "cmd",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_the_shell_would_expand_or_run_is_refused(text):
    with pytest.raises(ValueError, match=REFUSED[text]):
        words_of(text)


def test_lines_may_end_as_on_windows():
    assert words_of("curl 'a' \\\r\n  -H b\r\n\r\n") == ["curl", "a", "-H", "b"]


def test_what_is_no_blank_or_no_character_is_part_of_a_word():
    assert words_of("\x0bcurl \xa0 a\x0b") == ["\x0bcurl", "\xa0", "a\x0b"]
    assert words_of("Xcurl a ^ ") == ["Xcurl", "a", "^"]
    assert words_of("curl a ^X") == ["curl", "a", "^X"]
    assert words_of("curl 'a\udce9' \udcff") == ["curl", "a\udce9", "\udcff"]


CMD = [
    ('curl ^"http://h/^"', ["curl", "http://h/"]),
    ('curl.exe ^"http://h/^"', ["curl.exe", "http://h/"]),
    # As Chromium writes ? " & % | and what a form holds.
    (r'curl ^"http://h/p?x=^\^"hi^\^"^&y=^%^20^"', ["curl", "http://h/p?x=\"hi\"&y=%20"]),
    ('curl ^"http://h/^" ^\r\n  -H ^"a: b^" ^\r\n  --compressed', ["curl", "http://h/", "-H", "a: b", "--compressed"]),
    (r'curl ^"u^" --data-raw ^"^{^\^"a^\^":1^}^"', ["curl", "u", "--data-raw", '{"a":1}']),
    # A backslash is doubled only before a quote; as browsers double each, so curl gets it.
    (r'curl ^"u^" -d ^"C:^\^\x^\^\^"', ["curl", "u", "-d", "C:\\\\x\\"]),
    ('curl ^"u^" ^\n  --data-raw ^"one^\n\ntwo^"', ["curl", "u", "--data-raw", "one\ntwo"]),
    # As typed, and as older browsers wrote it: within the quotes of cmd ^ and & are themselves.
    ('curl -d "a^b&c" ^\n "u" ^', ["curl", "-d", "a^b&c", "u"]),
    ('curl "a=""b""" ^\n "100"%"25" ""', ["curl", 'a="b"', "100%25", ""]),
    ('curl ^\n' + r'"C:\dir\\" "a\"b" "a\\\"b c" "\\x" ""', ["curl", "C:\\dir\\", 'a"b', 'a\\"b c', "\\\\x", ""]),
    ('curl ^\n """a""" ^', ["curl", '"a"']),
    ('curl ^\n u "a""b" "a\\""', ["curl", "u", 'a"b', 'a"']),
    ('curl a ^\r\n "b"\r\n', ["curl", "a", "b"]),
    ('curl ^\n a^\n b', ["curl", "a", "b"]),
    ('curl ^"u^" X', ["curl", "u", "X"]),
    ('curl ^"u^" \x0b', ["curl", "u", "\x0b"]),
]  # fmt: skip


@pytest.mark.parametrize("text, words", CMD)
def test_words_are_those_of_cmd(text, words):
    assert words_of(text) == words


@pytest.mark.parametrize(
    "text, why",
    [
        ('curl ^"u^" & del x', "&"),
        ('curl ^"u^" | more', "|"),
        ('curl ^"u^"\ndir', "more than one"),
        ('curl ^"u', "not closed"),
    ],
)
def test_what_cmd_would_run_is_refused(text, why):
    with pytest.raises(ValueError, match=why):
        words_of(text)


@given(st.text(st.sampled_from("curl '\"$\\^&\n\r\t`#~{}%!xu041é\udce9\0")))
@example("")
@example('curl ^"')
@example("^")
def test_any_text_is_read_or_refused(text):
    for start in ("", 'curl ^"'):
        try:
            words = words_of(start + text)
        except ValueError:
            continue
        assert all(isinstance(word, str) for word in words)
