"""Every bomb ends in a typed error (or a value) within a second of processor time and 100 MB."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap

import pytest

DOUBLED = '{{f: function(s, n) if n = 0 then s else f(s + s, n - 1), s: f("aaaa", 16), r: {use}}}.r'
SELF_APPLIED = "{{f: function(s, n) if n = 0 then s else f([s, s], n - 1), r: {use}}}.r"
BOMBS = {
    "power": "10**1000000",
    "tower": "9**9**9**9**9",
    "loop": "for i in 1..1000000000 return i",
    "product of loops": "for a in 1..1000, b in 1..1000, c in 1..1000 return a",
    "loop over days": 'for d in @"0001-01-01"..@"999999999-01-01" return d',
    "every": "every i in 1..1000000000 satisfies i > 0",
    "concatenate 10^9": "{l: for i in 1..1000 return i, "
    + ", ".join(f"l{i}: concatenate({', '.join(['l' if i == 0 else f'l{i - 1}'] * 10)})" for i in range(6))
    + "}.l5",
    "string of 10^18": '{f: function(s, n) if n = 0 then s else f(s + s, n - 1), r: f("aaaaaaaa", 60)}.r',
    "list of lists as text": SELF_APPLIED.format(use="string(f([1], 60))"),
    "list of lists compared": SELF_APPLIED.format(use="f([1], 60) = f([1], 60)"),
    "list of lists flattened": SELF_APPLIED.format(use="flatten(f([1], 60))"),
    "list of lists returned": SELF_APPLIED.format(use="f([1], 60)"),
    "join": '{l: for i in 1..90000 return "aaaaaaaaaaaaaaaaaaaaaaaaaa", r: string join(l, "bbbbbbbbbbbbb")}.r',
    "recursion": "{f: function(n) f(n + 1), r: f(1)}.r",
    "fibonacci": "{f: function(n) if n < 2 then n else f(n - 1) + f(n - 2), r: f(60)}.r",
    "sort": "sort(for i in 1..200000 return -i, function(a, b) a < b)",
    "distinct": "distinct values(for i in 1..100000 return i)",
    "partial": "for i in 1..100000 return partial",
    "functions": "for i in 1..1000000 return function(x) x",
    "contexts": "for i in 1..1000000 return {a: i, b: i, c: i}",
    "projection": "{l: for i in 1..1000 return {a: [1]}, r: for j in 1..100000 return l.a}.r",
    "range as list": "[1..1000000000][item > 5]",
    "regex": 'matches(string join(for i in 1..5000 return "a") + "!", "^(a+)+$")',
    "regex repetition": 'matches("a", "(((a{1,1000}){1,1000}){1,1000})")',
    "regex without end": DOUBLED.format(use='matches(s, "(x?a){0,1000}y")'),
    "regexes without number": 'for i in 1..100000 return matches("a", "(a|b|c){500}" + string(i))',
    "substrings": DOUBLED.format(use="for i in 1..100000 return substring(s, 2)"),
    "typed arguments": "{l: for i in 1..100000 return i, f: function(x: list<number>) 1, "
    "r: for j in 1..100000 return f(l)}.r",
    "instance of nested lists": "{a: for i in 1..1000 return 1, b: for i in 1..1000 return a, "
    "c: for i in 1..1000 return b, r: c instance of list<list<list<number>>>}.r",
    "path of keys": 'context put({}, for i in 1..100000 return "a", 1)',
    "growing text": '{f: function(s, n) if n = 0 then s else f(replace(s, "a", "aaaaaaaaaa"), n - 1), r: f("a", 20)}.r',
    "sort of texts": '{l: for i in 1..60000 return string(60000 - i) + "aaaaaaaaaaaaaaaaaaaaaa", r: sort(l)}.r',
    "logarithms": "for i in 1..1000000 return log(i + 0.1)",
    "exp": "exp(1000000)",
    "modulo": "modulo(10**6000, 0.0000001)",
    "index": "[1, 2, 3][10**5000]",
    "scale": "decimal(1.5, 10**300)",
    "duration": 'duration("P1Y") * 10**6000',
    "far date": 'date(999999999, 12, 31) + duration("P999999999D")',
    "parentheses": "(" * 3000 + "1" + ")" * 3000,
    "brackets": "[" * 3000 + "]" * 3000,
    "minuses": "-" * 9000 + "1",
    "long sum": "1" + "+1" * 9000,
    "long path": "a" + ".a" * 5000,
    "calls": "f" + "()" * 5000,
    "comparisons": "1" + "=1" * 5000,
    "else if": "if true then 1 else " * 900 + "1",
    "source": '"' + "a" * 30_000 + '"',
    "open comment": "1 /*" + "*" * 15_000,
    "open string": '"' + '\\"' * 9_000,
}
PROGRAM = textwrap.dedent(
    """
    import json, resource, sys, time
    from engine import feel

    feel.compile("matches('a', 'a')".replace("'", '"')).evaluate({})
    used = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmData")) * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (used + 100_000_000, used + 100_000_000))
    start = time.process_time()
    try:
        feel.to_python(feel.compile(sys.stdin.read()).evaluate({}))
        outcome = "value"
    except feel.FeelError as error:
        outcome = type(error).__name__
    except MemoryError:
        outcome = "MemoryError"
    print(json.dumps({"outcome": outcome, "seconds": time.process_time() - start}))
    """
)


@pytest.mark.skipif(sys.platform != "linux", reason="the memory limit is Linux's")
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_in_time_and_in_bounds(name: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=BOMBS[name],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    result = json.loads(ran.stdout)
    assert result["outcome"] in ("value", "FeelLimitError", "FeelSyntaxError", "FeelTypeError")
    assert result["seconds"] <= 1.0
