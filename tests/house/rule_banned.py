# SPDX-License-Identifier: PostgreSQL
"""No call that overflows, guesses or hides; nothing below cmd/ and serve/ prints or exits."""
import re

from house import Violation, code_only

ANYWHERE = ["strcpy", "strcat", "stpcpy", "sprintf", "vsprintf", "strtok", "strtok_r", "atoi", "atol", "atoll", "atof", "gets", "system",
            "popen", "scanf", "sscanf", "fscanf", "vsscanf", "localtime", "localtime_r", "gmtime", "ctime", "asctime", "mktime", "setjmp",
            "longjmp", "sigsetjmp", "siglongjmp", "alloca", "tmpnam", "mktemp", "tempnam", "rand", "srand", "vfork", "putenv", "setenv"]
CALL = re.compile(r"\b(" + "|".join(ANYWHERE) + r")\s*\(")
SPEAKS = re.compile(r"\b(printf|vprintf|puts|putchar|perror|exit|quick_exit|abort)\s*\(|\b(stdout|stderr)\b")
MAY_SPEAK = ("src/cmd/", "src/serve/", "src/main.c")


def violations(house):
    for path in house.select(".c", ".h", under="src/"):
        for number, line in enumerate(code_only(house.text(path)).splitlines(), 1):
            for found in CALL.finditer(line):
                yield Violation(f"{path}:{found.group(1)}", f"{path}:{number}: {found.group(1)} is banned")
            if not path.startswith(MAY_SPEAK):
                for found in SPEAKS.finditer(line):
                    word = found.group(1) or found.group(2)
                    yield Violation(f"{path}:{word}", f"{path}:{number}: {word}: nothing below cmd/ prints or exits")
