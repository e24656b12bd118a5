# SPDX-License-Identifier: PostgreSQL
"""docs/runbook-format.md in Python: reads issues, runs their probes, applies their resolutions.

The oracle for the C engine. It shares no code with it and is written from the page alone, for clarity, not for speed.
"""
import configparser
import datetime as dt
import glob
import json
import os
import re
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field

import psycopg2
import psycopg2.errors

SECTIONS = ("quick-reference database application external-services data monitoring deployment security performance "
            "backup-recovery").split()
PARTS = ["Symptoms", "Diagnosis", "Resolution", "Escalation", "Related Issues"]
KEYS = "id title section severity owner findings danger needs consequences look_alikes".split()
OPTIONAL = "resolve_needs decide not_tested".split()
KINDS = "sql http log sh".split()
ROLES = "probe ruleout look resolve manual".split()
PRESENT, ABSENT, UNKNOWN, UNSET = "present", "absent", "cannot tell", "not asked"
PLACEHOLDER = re.compile(r"\{\{([a-z0-9_]+)\}\}")


class Unknown(Exception):
    """The question could not be answered; the text says why."""


class Unset(Unknown):
    """A parameter that the question needs has no value."""


# ---------------------------------------------------------------------------------------------- reading

@dataclass
class Block:
    kind: str
    role: str
    body: str
    line: int
    part: str
    options: dict = field(default_factory=dict)
    after: str = ""  # first words of the paragraph that follows


@dataclass
class Issue:
    path: str
    front: dict
    title: str
    parts: dict
    blocks: list
    text: str

    @property
    def id(self):
        return self.front["id"]

    def list(self, key):
        return [item.strip() for item in self.front.get(key, "").split(",") if item.strip()]

    def of(self, *roles):
        return [block for block in self.blocks if block.role in roles]


def read_front(text, path):
    if not text.startswith("---\n"):
        raise ValueError(f"{path}: no front matter")
    head, _, rest = text[4:].partition("\n---\n")
    front = {}
    for line in head.split("\n"):
        key, colon, value = line.partition(":")
        if not colon or key in front:
            raise ValueError(f"{path}: front matter line {line!r}")
        front[key.strip()] = value.strip()
    return front, rest, head.count("\n") + 3


def read_issue(path):
    text = open(path, encoding="utf-8").read()
    front, rest, offset = read_front(text, path)
    title, parts, blocks = "", {}, []
    part, block, indent = "", None, 0
    for number, line in enumerate(rest.split("\n"), start=offset + 1):
        stripped = line.strip()
        if block is not None:
            if stripped == "```":
                block.body = "\n".join(block.body)
                blocks.append(block)
                block = None
            else:
                block.body.append(line[indent:] if line[:indent].strip() == "" else line)
            continue
        if stripped.startswith("```"):
            words = stripped[3:].split()
            indent = len(line) - len(line.lstrip())
            role = words[1] if len(words) > 1 else ""
            kind = words[0] if words else "text"
            options = dict(word.split("=", 1) for word in words[2:])
            block = Block(kind, role, [], number, part, options)
            continue
        if stripped and blocks and not blocks[-1].after:
            blocks[-1].after = stripped
        if line.startswith("### Issue: "):
            title = line[len("### Issue: "):]
        match = re.fullmatch(r"\*\*([A-Za-z ]+):\*\*", line)
        if match:
            part = match.group(1)
            parts[part] = number
    if block is not None:
        raise ValueError(f"{path}:{block.line}: block is not closed")
    return Issue(path, front, title, parts, blocks, rest)


def read_runbook(root):
    issues = {}
    for section in SECTIONS:
        for path in sorted(glob.glob(os.path.join(root, section, "*.md"))):
            if os.path.basename(path) == "index.md":
                continue
            issue = read_issue(path)
            if issue.id in issues:
                raise ValueError(f"{path}: id {issue.id} is taken by {issues[issue.id].path}")
            issues[issue.id] = issue
    return issues


# ---------------------------------------------------------------------------------------------- parameters

DURATION = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
SIZE = {"B": 1, "kB": 1000, "KB": 1000, "MB": 10**6, "GB": 10**9, "TB": 10**12,
        "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}


def number_with_unit(text):
    match = re.fullmatch(r"(-?[0-9]+(?:\.[0-9]+)?)\s*([a-zA-Z%]*)", text)
    if not match:
        return None
    value, unit = float(match.group(1)), match.group(2)
    if unit == "":
        return value
    if unit == "%":
        return value / 100
    return value * DURATION[unit] if unit in DURATION else value * SIZE[unit] if unit in SIZE else None


@dataclass
class Parameter:
    name: str
    type: str
    default: str
    meaning: str


def read_parameters(path):
    reader = configparser.RawConfigParser(delimiters=("=",), comment_prefixes=("#", ";"))
    reader.read(path)
    out = {}
    for section in reader.sections():
        name = section.split(None, 1)[1]
        row = reader[section]
        out[name] = Parameter(name, row["type"], row.get("default"), row.get("meaning", ""))
    return out


class Values:
    """Parameters with the configuration's values, in canonical text."""

    def __init__(self, parameters, given):
        self.parameters, self.given = parameters, dict(given)
        self.now = time.time()

    def kind(self, name):
        if name in ("now", "target"):
            return "text"
        if name in self.parameters:
            return self.parameters[name].type
        if name.endswith("_file") and name[:-5] in self.parameters:
            return "path"
        raise ValueError(f"parameter {name} is not declared")

    def get(self, name):
        if name == "now":
            return dt.datetime.fromtimestamp(self.now, dt.timezone.utc).isoformat()
        kind = self.kind(name)
        if kind == "secret":
            path = self.given.get(name + "_file")
            if not path:
                raise Unset(f"{name}_file is not set: [runbook] {name}_file")
            return open(path, encoding="utf-8").read().strip()
        value = self.given.get(name)
        if value is None and name in self.parameters:
            value = self.parameters[name].default
        if value is None:
            raise Unset(f"{name} is not set: [runbook] {name}")
        if kind in ("duration", "size", "percent"):
            number = number_with_unit(value + "%" if kind == "percent" and not value.endswith("%") else value)
            if number is None:
                raise ValueError(f"{name} = {value}: not a {kind}")
            if kind == "duration":
                return f"{number:g} seconds" if number < 1e6 else f"{int(number)} seconds"
            return str(int(number)) if kind == "size" else f"{number:g}"
        if kind == "list":
            return ",".join(item.strip() for item in value.split(","))
        return value

    def number(self, name):
        value = self.get(name)
        return float(value.split()[0]) if self.kind(name) == "duration" else value


# ---------------------------------------------------------------------------------------------- conditions

def compare(left, op, right):
    """True, False, or None when the two cannot be compared."""
    if op in ("~", "!~"):
        if not isinstance(left, str):
            left = json.dumps(left)
        return bool(re.search(right, left)) == (op == "~")
    if isinstance(right, Moment):
        left, right = moment(left), right.seconds
        if left is None:
            return None
    if isinstance(left, str) and not isinstance(right, str) and not isinstance(right, (bool, type(None))):
        try:
            left = float(left)
        except ValueError:
            return None
    if op in ("==", "!="):
        same = left == right and isinstance(left, bool) == isinstance(right, bool)
        return same == (op == "==")
    if isinstance(left, (bool, type(None))) or type(left) in (list, dict) or isinstance(left, str) != isinstance(right, str):
        return None
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[op]


@dataclass
class Moment:
    seconds: float


def moment(value):
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return value / 1000 if value > 1e11 else value
    try:
        return dt.datetime.fromisoformat(str(value).replace("Z", "+00:00")).timestamp()
    except ValueError:
        return None


def literal(text, values):
    text = text.strip()
    match = re.fullmatch(r"now(?:\s*([+-])\s*(\S+))?", text)
    if match:
        shift = 0.0
        if match.group(1):
            holder = PLACEHOLDER.fullmatch(match.group(2))
            shift = values.number(holder.group(1)) if holder else number_with_unit(match.group(2))
            shift = shift if match.group(1) == "+" else -shift
        return Moment(values.now + shift)
    holder = PLACEHOLDER.fullmatch(text)
    if holder:
        name = holder.group(1)
        kind = values.kind(name)
        if kind in ("duration", "size", "percent", "integer"):
            return float(values.number(name))
        return values.get(name)
    if text in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[text]
    if text.startswith('"') and text.endswith('"'):
        return json.loads(text)
    if text.startswith("/") and text.endswith("/"):
        return text[1:-1]
    number = number_with_unit(text)
    if number is None:
        raise ValueError(f"value {text!r}")
    return number


MISSING = object()


def json_path(document, path):
    """All values that the path names; empty when there is none."""
    found = [document]
    for token in re.findall(r"\[\*\]|\[\d+\]|[^.\[\]]+", path):
        after = []
        for item in found:
            if token == "[*]":
                after += item if isinstance(item, list) else []
            elif token.startswith("["):
                index = int(token[1:-1])
                after += [item[index]] if isinstance(item, list) and index < len(item) else []
            elif isinstance(item, dict) and token in item:
                after.append(item[token])
        found = after
    return found


def any_array_is_empty(document, path):
    """Nothing was found because a [*] had nothing to stand for; anything else that is not found is not known."""
    pieces = path.split("[*]")
    for number in range(1, len(pieces)):
        arrays = json_path(document, "[*]".join(pieces[:number]))
        if arrays and all(isinstance(array, list) and not array for array in arrays):
            return True
    return False


def json_condition(document, rest, values):
    match = re.fullmatch(r"(\S+?)\s+(exists|missing)", rest)
    if match:
        there = bool(json_path(document, match.group(1)))
        return there == (match.group(2) == "exists")
    match = re.fullmatch(r"(\S+)\s+(==|!=|<=|>=|<|>|!~|~)\s+(.+)", rest)
    if not match:
        raise ValueError(f"condition json {rest}")
    found = json_path(document, match.group(1))
    right = literal(match.group(3), values)
    if not found:
        return False if any_array_is_empty(document, match.group(1)) else None
    answers = [compare(item, match.group(2), right) for item in found]
    return True if True in answers else None if None in answers else False


def split_and(line):
    return [part.strip() for part in re.split(r"\s+and\s+(?=(?:unreachable|status|time|body|header|json|metric|count|ratio|"
                                             r"groups?|age)\b)", line)]


def all_of(answers):
    return False if False in answers else None if None in answers else True


def any_of(answers):
    return True if True in answers else None if None in answers else False


# ---------------------------------------------------------------------------------------------- http

def fields(body):
    for line in body.split("\n"):
        if line.strip():
            key, _, value = line.partition(":")
            yield key.strip(), value.strip()


def fill_text(text, values, quote=None):
    def one(match):
        value = values.get(match.group(1))
        if any(ord(char) < 32 for char in value):
            raise Unknown(f"{match.group(1)} holds a control character")
        return value if quote is None or values.kind(match.group(1)) == "url" else quote(value)
    return PLACEHOLDER.sub(one, text)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


def metric_samples(text, name):
    wanted = re.fullmatch(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})?", name)
    labels = dict(re.findall(r'(\w+)="([^"]*)"', wanted.group(2) or ""))
    for line in text.split("\n"):
        match = re.match(r"([a-zA-Z_:][\w:]*)(?:\{(.*?)\})?\s+(\S+)", line)
        if match and match.group(1) == wanted.group(1):
            have = dict(re.findall(r'(\w+)="([^"]*)"', match.group(2) or ""))
            if all(have.get(key) == value for key, value in labels.items()):
                yield float(match.group(3))


def http_probe(block, values, context):
    lines = block.body.strip().split("\n")
    method, _, url = lines[0].partition(" ")
    url = fill_text(url.strip(), values, lambda value: urllib.parse.quote(value, safe=""))
    headers, timeout, body, presents = {}, 5.0, None, []
    for key, value in fields("\n".join(lines[1:])):
        if key == "header":
            name, _, content = value.partition(":")
            headers[name.strip()] = fill_text(content.strip(), values)
        elif key == "timeout":
            timeout = literal(value, values)
        elif key == "body":
            body = fill_text(value, values).encode()
        elif key == "present":
            presents.append(value)
        else:
            raise ValueError(f"{key} in an http block")
    status, text, reply_headers, why = None, "", {}, ""
    started = time.monotonic()
    request = urllib.request.Request(url, method=method, headers=headers, data=body)
    try:
        try:
            reply = urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({})).open(request, timeout=timeout)
        except urllib.error.HTTPError as error:
            reply = error
        status, text = reply.status, reply.read(65536).decode("utf-8", "replace")
        reply_headers = {key.lower(): value for key, value in reply.headers.items()}
    except (OSError, urllib.error.URLError) as error:
        why = str(getattr(error, "reason", error))
    elapsed = time.monotonic() - started
    if elapsed > timeout:
        status, why = None, why or "time-out"
    try:
        document = json.loads(text) if status is not None else MISSING
    except ValueError:
        document = MISSING

    def condition(text_of):
        word, _, rest = text_of.partition(" ")
        if word == "unreachable":
            return status is None
        if status is None:
            return None
        if word == "json":
            return None if document is MISSING else json_condition(document, rest, values)
        if word == "metric":
            match = re.fullmatch(r"(\S+?(?:\{.*?\})?)\s+(==|!=|<=|>=|<|>)\s+(.+)", rest)
            found = [compare(value, match.group(2), literal(match.group(3), values))
                     for value in metric_samples(text, match.group(1))]
            return any_of(found) if found else None
        if word == "body":
            match = re.fullmatch(r"(~|!~)\s+/(.*)/", rest)
            return compare(text, match.group(1), match.group(2))
        if word == "header":
            match = re.fullmatch(r"(\S+)\s+(==|!=|<=|>=|<|>|!~|~)\s+(.+)", rest)
            have = reply_headers.get(match.group(1).lower())
            return None if have is None else compare(have, match.group(2), literal(match.group(3), values))
        match = re.fullmatch(r"(status|time)\s+(==|!=|<=|>=|<|>)\s+(.+)", text_of)
        if not match:
            raise ValueError(f"condition {text_of}")
        left = float(status) if match.group(1) == "status" else elapsed
        return compare(left, match.group(2), literal(match.group(3), values))

    answers = [all_of([condition(part) for part in split_and(line)]) for line in presents]
    outcome = any_of(answers)
    seen = f"{method} {urllib.parse.urlsplit(url).path}: " + (why if status is None else f"{status} in {elapsed * 1000:.0f} ms")
    if outcome is None:
        raise Unknown(seen)
    return outcome, [seen] + [line for line, answer in zip(presents, answers) if answer] + ([text[:300]] if outcome else [])


# ---------------------------------------------------------------------------------------------- log

LOG_LIMIT = 64 * 2**20
LEADING = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?) ?(Z|[+-]\d\d:?\d\d|UTC|GMT)?")


def line_time(line, document):
    if isinstance(document, dict):
        for name in ("time", "timestamp", "ts"):
            if name in document:
                return moment(document[name])
        if "__REALTIME_TIMESTAMP" in document:
            return float(document["__REALTIME_TIMESTAMP"]) / 1e6
        return None
    match = LEADING.match(line)
    if not match:
        return None
    zone = match.group(3) or ""
    zone = "+00:00" if zone in ("", "Z", "UTC", "GMT") else zone
    try:
        return dt.datetime.fromisoformat(f"{match.group(1)}T{match.group(2)[:15]}{zone}").timestamp()
    except ValueError:
        return None


def log_text(source, values, window):
    if source.startswith("journal:"):
        done = subprocess.run(["journalctl", "-o", "json", "-u", source[8:], "--since", f"@{int(values.now - window)}"],
                              capture_output=True, text=True, timeout=20)
        if done.returncode:
            raise Unknown(done.stderr.strip())
        return done.stdout, False
    try:
        with open(source, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - LOG_LIMIT))
            return file.read().decode("utf-8", "replace"), size > LOG_LIMIT
    except OSError as error:
        raise Unknown(f"{source}: {error.strerror}") from None


def log_probe(block, values, context):
    spec = {"match": [], "of": [], "present": []}
    for key, value in fields(block.body):
        if key in ("match", "of", "present"):
            spec[key].append(value)
        elif key in ("file", "window", "group"):
            spec[key] = value
        else:
            raise ValueError(f"{key} in a log block")
    window = literal(spec["window"], values)
    text, cut = log_text(fill_text(spec["file"], values), values, window)

    def matches(conditions, line, document):
        for condition in conditions:
            word, _, rest = condition.partition(" ")
            if word == "json":
                if not isinstance(document, dict) or json_condition(document, rest, values) is not True:
                    return False
            else:
                parts = re.fullmatch(r"(~|!~)\s+/(.*)/", rest)
                if compare(line, parts.group(1), parts.group(2)) is not True:
                    return False
        return True

    count, total, groups, last, newest, when, oldest = 0, 0, {}, [], None, None, None
    for line in text.split("\n"):
        if not line.strip():
            continue
        try:
            document = json.loads(line) if line.startswith("{") else None
        except ValueError:
            document = None
        when = line_time(line, document) or when
        if when is not None and oldest is None:
            oldest = when
        hit = matches(spec["match"], line, document)
        if hit and when is not None:
            newest = max(newest or 0, when)
        if when is None or when < values.now - window or when > values.now + 60:
            continue
        if spec["of"] and matches(spec["of"], line, document):
            total += 1
        if not hit:
            continue
        count += 1
        last = (last + [line[:300]])[-3:]
        if "group" in spec:
            word, _, rest = spec["group"].partition(" ")
            if word == "json":
                found = json_path(document, rest) if isinstance(document, dict) else []
                name = str(found[0]) if found else "?"
            else:
                match = re.search(rest.strip("/"), line)
                name = match.group(1) if match else "?"
            groups[name] = groups.get(name, 0) + 1
    facts = {"count": count, "ratio": count / total if total else 0.0, "group": max(groups.values(), default=0),
             "groups": len(groups), "age": values.now - newest if newest else float("inf")}

    def condition(text_of):
        match = re.fullmatch(r"(count|ratio|groups?|age)\s+(==|!=|<=|>=|<|>)\s+(.+)", text_of)
        if not match:
            raise ValueError(f"condition {text_of}")
        return compare(facts[match.group(1)], match.group(2), literal(match.group(3), values))

    outcome = any_of([all_of([condition(part) for part in split_and(line)]) for line in spec["present"]])
    if not outcome and cut and (oldest is None or oldest > values.now - window):
        raise Unknown("the window begins before the last 64 MiB of the log")
    top = sorted(groups.items(), key=lambda item: -item[1])[:5]
    return outcome, [f"count {count} ratio {facts['ratio']:.3f} age {facts['age']:.0f}s groups {top}"] + last


# ---------------------------------------------------------------------------------------------- sql and sh

PINNED = ("set default_transaction_read_only = on; set statement_timeout = '2s'; set lock_timeout = '200ms';"
          "set idle_in_transaction_session_timeout = '10s'; set search_path = public, pg_catalog")


class Context:
    """Where the questions go: a conninfo, an environment for tools, and one pinned session."""

    def __init__(self, conninfo, environment):
        self.conninfo, self.environment = conninfo, environment
        self.session, self.rights = None, {}

    def open(self):
        if self.session is not None and not self.session.closed:
            return self.session
        try:
            self.session = psycopg2.connect(self.conninfo, application_name="lifeboat", connect_timeout=3)
            self.session.autocommit = True
            self.session.cursor().execute(PINNED)
        except psycopg2.Error as error:
            self.session = None
            raise Unknown(f"no connection: {str(error).strip()}") from None
        return self.session

    def close(self):
        if self.session is not None:
            self.session.close()
        self.session, self.rights = None, {}

    def rows(self, sql, arguments=()):
        cursor = self.open().cursor()
        try:
            cursor.execute(sql, arguments)
            return cursor.fetchall()
        except psycopg2.Error as error:
            if self.session.closed:
                self.session = None
            raise Unknown(f"{error.pgcode}: {str(error).strip().splitlines()[0]}") from None


def bind(sql, values):
    """Text with %s and the arguments, as the protocol would get $1, $2, ..."""
    names = PLACEHOLDER.findall(sql)
    return PLACEHOLDER.sub("%s", sql.replace("%", "%%")), [values.get(name) for name in names]


def sql_probe(block, values, context):
    sql, arguments = bind(block.body.strip().rstrip(";"), values)
    rows = context.rows(sql, arguments)
    return bool(rows), [str(row) for row in rows[:20]]


def shell(script, values, context, timeout=20):
    environment = dict(os.environ, **context.environment)

    def one(match):
        name = match.group(1)
        if values.kind(name) == "secret":
            raise ValueError(f"secret {name} in a script")
        environment["RB_" + name] = values.get(name)
        return f'"$RB_{name}"'
    script = PLACEHOLDER.sub(one, script)
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o777)
        try:
            return subprocess.run(["/bin/sh", "-eu", "-c", script], env=environment, cwd=directory, capture_output=True,
                                  text=True, timeout=timeout, stdin=subprocess.DEVNULL, start_new_session=True)
        except subprocess.TimeoutExpired:
            raise Unknown(f"no end after {timeout} s") from None


def sh_probe(block, values, context):
    done = shell(block.body, values, context)
    if done.returncode:
        raise Unknown(f"status {done.returncode}: {done.stderr.strip()[-300:]}")
    return bool(done.stdout.strip()), done.stdout.strip().split("\n")[:20]


PROBES = {"sql": sql_probe, "http": http_probe, "log": log_probe, "sh": sh_probe}


# ---------------------------------------------------------------------------------------------- rights, diagnosis

def check_right(token, context):
    """None when held, else what is missing."""
    kind, _, name = token.partition(":")
    if kind == "tool":
        found = any(os.access(os.path.join(path, name), os.X_OK)
                    for path in context.environment.get("PATH", os.environ["PATH"]).split(":"))
        return None if found else f"install {name}"
    me = "(select rolname from pg_roles where rolname = current_user)"
    if kind == "role":
        sql, missing = "select rolsuper or pg_has_role(current_user, %s, 'usage') from pg_roles where rolname = current_user", f"grant {name}"
        rows = context.rows(sql, [name])
    elif kind in ("bypassrls", "superuser"):
        column = "rolsuper or rolbypassrls" if kind == "bypassrls" else "rolsuper"
        rows, missing = context.rows(f"select {column} from pg_roles where rolname = {me}"), kind
    elif kind == "select":
        rows, missing = context.rows("select to_regclass(%s) is not null and has_table_privilege(to_regclass(%s), 'select')",
                                     [name, name]), f"table {name}, or the right to read it"
    elif kind == "extension":
        rows, missing = context.rows("select exists (select from pg_extension where extname = %s)", [name]), f"create extension {name}"
    elif kind == "version":
        rows, missing = context.rows("select current_setting('server_version_num')::int / 10000 >= %s", [int(name)]), f"PostgreSQL {name}"
    else:
        raise ValueError(f"right {token}")
    return None if rows[0][0] else missing


def rights(issue, context):
    for token in issue.list("needs"):
        if token not in context.rights:
            context.rights[token] = check_right(token, context)
        if context.rights[token]:
            raise Unknown(f"needs {token}: {context.rights[token]}")


def run_block(block, values, context):
    try:
        outcome, evidence = PROBES[block.kind](block, values, context)
        return (PRESENT if outcome else ABSENT), evidence
    except Unset as why:
        return UNSET, [str(why)]
    except Unknown as why:
        return UNKNOWN, [str(why)]


def diagnose(issue, values, context):
    """(present | absent | cannot tell, evidence)"""
    try:
        rights(issue, context)
    except Unknown as why:
        return UNKNOWN, [str(why)]
    answers, evidence = [], []
    for block in issue.of("probe"):
        outcome, lines = run_block(block, values, context)
        answers.append(outcome)
        evidence += [f"{outcome}: {line}" for line in lines]
    if issue.front.get("decide", "any") == "all" or set(answers) == {UNSET}:
        answers = [UNKNOWN if answer == UNSET else answer for answer in answers]
    if issue.front.get("decide", "any") == "all":
        outcome = ABSENT if ABSENT in answers else UNKNOWN if UNKNOWN in answers else PRESENT
    else:
        outcome = PRESENT if PRESENT in answers else UNKNOWN if UNKNOWN in answers else ABSENT
    if outcome == PRESENT:
        for block in issue.of("ruleout"):
            verdict, lines = run_block(block, values, context)
            evidence += [f"ruleout {verdict}: {line}" for line in lines]
            if verdict == PRESENT:
                outcome = ABSENT
            elif verdict in (UNKNOWN, UNSET) and outcome == PRESENT:
                outcome = UNKNOWN
    return outcome, evidence


def apply_block(block, values, context, conninfo):
    """Runs one resolve block; raises when it fails."""
    if block.kind == "sh":
        done = shell(block.body, values, context, timeout=120)
        if done.returncode:
            raise RuntimeError(f"status {done.returncode}: {done.stderr.strip()[-600:]} {done.stdout.strip()[-300:]}")
        return [done.stdout.strip()]
    session = psycopg2.connect(conninfo, application_name="lifeboat")
    session.autocommit = True
    cursor = session.cursor()
    out = []
    try:
        cursor.execute("set default_transaction_read_only = off; set statement_timeout = 0; set lock_timeout = '5s'")
        body = block.body.strip()
        generate = body.endswith("\\gexec")
        sql, arguments = bind(body[:-len("\\gexec")] if generate else body.rstrip(";"), values)
        cursor.execute(sql, arguments)
        statements = [row[0] for row in cursor.fetchall()] if generate else []
        if not generate:
            out.append(cursor.statusmessage)
        for statement in statements:
            cursor.execute(statement)
            out.append(statement)
    finally:
        session.close()
    return out
