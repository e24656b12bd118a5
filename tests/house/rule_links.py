# SPDX-License-Identifier: PostgreSQL
"""Every relative link in a Markdown file leads to a file of the tree, and its anchor to a heading there."""
import posixpath
import re

from house import Violation

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")


def prose(text):
    """Without fenced blocks and code spans: links in them are examples."""
    text = re.sub(r"(?ms)^(```|~~~).*?^\1", "", text)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(text):
    found = set(re.findall(r'<a (?:id|name)="([^"]+)"', text))
    for heading in re.findall(r"(?m)^#{1,6}\s+(.*?)\s*#*$", re.sub(r"(?ms)^(```|~~~).*?^\1", "", text)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        while slug in found:
            slug += "-1"
        found.add(slug)
    return found


def violations(house):
    files = set(house.files())
    folders = {posixpath.dirname(f) for f in files}
    for path in house.select(".md"):
        if path.startswith("tests/fixtures/"):
            continue
        for target in LINK.findall(prose(house.text(path))):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            full = posixpath.normpath(posixpath.join(posixpath.dirname(path), name)) if name else path
            if full not in files and full not in folders and not any(f.startswith(full + "/") for f in folders):
                yield Violation(f"{path}:{target}", f"{path}: link to {target}, which is not there")
            elif anchor and full.endswith(".md") and anchor not in anchors(house.text(full)):
                yield Violation(f"{path}:{target}", f"{path}: link to {target}: no such heading")
