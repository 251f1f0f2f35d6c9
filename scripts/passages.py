#!/usr/bin/env python3
"""Prints passages of the repository's prose, drawn at random by a seed, for editors to judge.

    scripts/passages.py --seed 29 --count 100

The passages come in equal parts from documents, XML docs, comments, messages and test names. A seed draws the same passages from the same
commit. Each line of the output is a passage: number, kind, file:line, text.
"""
import argparse
import random
import re
import subprocess

MIN_WORDS = 4
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
TEST = re.compile(r"\bpublic (?:static )?(?:async )?(?:void|Task|bool|Property) ([A-Z]\w*_\w+)\(")


def paragraphs(lines):
    """Yields (line, text) of each paragraph, list item and heading outside code blocks and tables."""
    is_code, start, words = False, 0, []
    for number, line in enumerate(lines + [""], 1):
        if line.startswith("```"):
            is_code = not is_code
        ends = is_code or not line.strip() or line.startswith(("```", "|", "#", "- ", "1. "))
        if ends and words:
            yield start, " ".join(words)
            words = []
        if not is_code and line.strip() and not line.startswith(("```", "|", "<")):
            start = start if words else number
            words.append(line.strip())


def comments(lines, mark):
    """Yields (line, text) of each run of lines that begin with a comment mark."""
    start, words = 0, []
    for number, line in enumerate(lines + [""], 1):
        text = line.strip()
        if text.startswith(mark) and (mark == "///" or not text.startswith("///")):
            start = start if words else number
            words.append(text[len(mark):].strip())
        elif words:
            yield start, re.sub(r"</?summary>", "", " ".join(words)).strip()
            words = []


def messages(lines):
    """Yields (line, text) of string literals that read like sentences; a literal continued by + counts as one."""
    start, words = 0, []
    for number, line in enumerate(lines + [""], 1):
        text = line.strip()
        if words and not text.startswith(("+ \"", "+ $\"")):
            yield start, "".join(words)
            words = []
        if text.startswith("//"):
            continue
        for literal in LITERAL.findall(text):
            if words or literal.count(" ") >= MIN_WORDS:
                start = start if words else number
                words.append(literal)


def draw(pools, count, seed):
    chooser = random.Random(seed)
    share = -(-count // len(pools))
    drawn = [(kind, passage) for kind, pool in pools.items() for passage in chooser.sample(pool, min(share, len(pool)))]
    return drawn[:count]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    options = parser.parse_args()
    pools = {"document": [], "xml-doc": [], "comment": [], "message": [], "test-name": []}
    for path in sorted(subprocess.check_output(["git", "ls-files", "-z"], text=True).split("\0")):
        is_test = path.startswith("tests/")
        if not path.endswith((".md", ".cs")) or "/vectors/" in path:
            continue
        with open(path, encoding="utf-8") as file:
            lines = file.read().split("\n")
        if path.endswith(".md"):
            found = {"document": paragraphs(lines)}
        else:
            found = {"xml-doc": comments(lines, "///"), "comment": comments(lines, "//")}
            if path.startswith("src/"):
                found["message"] = messages(lines)
            if is_test:
                names = ((number, name) for number, line in enumerate(lines, 1) for name in TEST.findall(line))
                found["test-name"] = names
        for kind, passages in found.items():
            pools[kind] += [(f"{path}:{number}", text) for number, text in passages
                            if kind == "test-name" or len(text.split()) >= MIN_WORDS]
    for number, (kind, (place, text)) in enumerate(draw(pools, options.count, options.seed), 1):
        print(f"{number}\t{kind}\t{place}\t{text}")


if __name__ == "__main__":
    main()
