# SPDX-License-Identifier: PostgreSQL
"""The C engine as matrix.py plays with it: `lifeboat runbook diagnose` and `resolve` with a configuration made from a world's."""
import json
import os
import subprocess

SANITIZER = ("AddressSanitizer", "LeakSanitizer", "UndefinedBehaviorSanitizer", "runtime error:")


class Engine:
    """One program. `world` says where the database is, what is configured and which environment programs have."""

    def __init__(self, program, world, runbook):
        self.program, self.world, self.runbook = os.path.abspath(program), world, runbook
        self.config = os.path.join(world.base, "lifeboat.conf")
        self.state = os.path.join(world.base, "state")
        self.slowest = 0.0

    def configure(self, operator):
        lines = ["[target world]", f"against = host={self.world.socket} dbname=app user=lifeboat", "[runbook]",
                 f"operator = host={self.world.socket} dbname=app user={operator}"]
        for name, value in self.world.values().given.items():
            if name.endswith("_file") and os.path.exists(value):
                os.chmod(value, 0o600)
            if name != "operator":
                lines.append(f"{name} = {str(value).replace('$', '$$')}")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        os.chmod(self.config, 0o600)

    def run(self, *words, operator="app_owner"):
        self.configure(operator)
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LIFEBOAT", "XDG_"))}
        environment.update(self.world.environment())
        for name in ("PGHOST", "PGPORT", "PGUSER", "PGDATABASE"):
            environment.pop(name)
        environment.update(LIFEBOAT_STATE=self.state, TZ="UTC")
        done = subprocess.run([self.program, *words, "--config", self.config, "--runbook", self.runbook], capture_output=True, text=True,
                              env=environment, timeout=300, stdin=subprocess.DEVNULL)
        if done.returncode not in (0, 1, 2) or any(word in done.stderr for word in SANITIZER):
            raise RuntimeError(f"lifeboat {' '.join(words)}: status {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-3000:]}")
        return done

    def diagnose(self, issues):
        """{id: (outcome, evidence)}, as World.diagnose."""
        document = json.loads(self.run("runbook", "diagnose", *issues, "--json").stdout)
        assert document["schema"] == "lifeboat.diagnosis/1", document
        self.slowest = max(self.slowest, document["seconds"])
        return {one["id"]: (one["outcome"], evidence(one)) for one in document["issues"]}

    def resolve(self, issue):
        operator = "postgres" if "superuser" in issue.list("resolve_needs") else "app_owner"
        done = self.run("runbook", "resolve", issue.id, "--apply", "--confirm=world", operator=operator)
        if "Diagnosed again" not in done.stdout or "failed after" in done.stdout:
            raise RuntimeError(f"resolve {issue.id}: {done.stdout[-1500:]}{done.stderr[-500:]}")


def evidence(one):
    lines = [one["reason"]] if one["reason"] else []
    for block in one["blocks"]:
        if block["role"] != "look":
            lines += [f"{block['outcome']}: {line}" for line in [*block["evidence"], *filter(None, [block["reason"]])]]
    return lines


def differences(ours, theirs):
    """Issues that the two engines see differently; what changes from one second to the next is asked again by the caller."""
    return {name: (ours[name], theirs[name]) for name in ours if ours[name][0] != theirs[name][0]}
