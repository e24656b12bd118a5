# SPDX-License-Identifier: PostgreSQL
"""Functions have at most 80 lines and 5 parameters, files 800 lines. Data tables do not count."""
import re

from house import Violation, functions

LINES, FILE_LINES, PARAMETERS = 80, 800, 5


def parameters(signature):
    inside = signature[1:-1] if signature.startswith("(") and signature.endswith(")") else signature
    depth, count, items = 0, "", []
    for char in inside:
        depth += (char in "([{") - (char in ")]}")
        if char == "," and depth == 0:
            items.append(count)
            count = ""
        else:
            count += char
    items.append(count)
    return [i for i in items if i.strip() not in ("", "void", "...")]


def data_lines(text):
    """Lines inside brace initialisers that begin in column 0: `static const X y[] = {` up to `};`."""
    inside, count = False, 0
    for line in text.splitlines():
        if not inside and re.match(r"[a-zA-Z_].*=\s*\{\s*$", line):
            inside = True
        elif inside and line.startswith("}"):
            inside = False
        count += inside
    return count


def violations(house):
    names = house.select(".c", ".h", under="src/") + house.select(".c", ".h", under="tests/")
    names = [n for n in names if not n.startswith("tests/fixtures/")]
    for path in names:
        text = house.text(path)
        lines = len(text.splitlines()) - data_lines(text)
        if lines > FILE_LINES:
            yield Violation(path, f"{path}: {lines} lines, {FILE_LINES} at most")
    for tag in functions(house, names):
        where = f"{tag['path']}:{tag['line']}: {tag['name']}"
        lines = tag.get("end", tag["line"]) - tag["line"] + 1
        body = house.text(tag["path"]).splitlines()[tag["line"] - 1:tag.get("end", tag["line"])]
        table = sum(len(m.group().splitlines()) for m in re.finditer(r"(?m)^ +static const [^;]*?= \{\n.*?^ +\};", "\n".join(body), re.S))
        if lines - table > LINES:
            yield Violation(f"{tag['path']}:{tag['name']}", f"{where} has {lines - table} lines, {LINES} at most")
        count = len(parameters(tag.get("signature", "()")))
        if count > PARAMETERS:
            yield Violation(f"{tag['path']}:{tag['name']}", f"{where} takes {count} parameters, {PARAMETERS} at most")
