#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
# The runbook and the plan are in order, and RUNBOOK.md and DISASTER_RECOVERY_PLAN.md are what they render to.
# LIFEBOAT names the program (default: that of the build directory).
set -euo pipefail
cd "$(dirname "$0")/../.."
LIFEBOAT=${LIFEBOAT:-${HOUSE_BUILD:-build}/lifeboat}
[ -x "$LIFEBOAT" ] || { echo "$LIFEBOAT is not there: build first, or set LIFEBOAT"; exit 1; }
[ -d runbook ] || exit 0

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
: >"$fresh/empty.conf"
failed=0

compare() {
    [ -e "$1" ] && cmp -s "$1" "$fresh/$1" && return
    echo "$1 is not what $2/ renders to: scripts/reference (after ninja), then commit"
    diff -u "$1" "$fresh/$1" 2>&1 | sed -n '3,12p' || true
    failed=1
}

plan=()
if [ -d plan ] && [ -n "$(ls plan)" ]; then
    plan=(--plan plan)
    "$LIFEBOAT" plan check --config "$fresh/empty.conf" --runbook runbook --plan plan >"$fresh/words" || { cat "$fresh/words"; failed=1; }
    "$LIFEBOAT" plan render --config "$fresh/empty.conf" --runbook runbook --plan plan --out "$fresh/DISASTER_RECOVERY_PLAN.md"
    compare DISASTER_RECOVERY_PLAN.md plan
fi
"$LIFEBOAT" runbook check --config "$fresh/empty.conf" --runbook runbook "${plan[@]}" >"$fresh/words" || { cat "$fresh/words"; failed=1; }
"$LIFEBOAT" runbook render --config "$fresh/empty.conf" --runbook runbook --out "$fresh/RUNBOOK.md"
compare RUNBOOK.md runbook
exit $failed
