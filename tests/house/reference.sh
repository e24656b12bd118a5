#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
# The reference in the tree equals what the program says of itself. LIFEBOAT names the program (default: that of the build directory).
set -euo pipefail
cd "$(dirname "$0")/../.."
LIFEBOAT=${LIFEBOAT:-${HOUSE_BUILD:-build}/lifeboat}
export LIFEBOAT
[ -x "$LIFEBOAT" ] || { echo "$LIFEBOAT is not there: build first, or set LIFEBOAT"; exit 1; }

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
scripts/reference "$fresh"
failed=0
while IFS= read -r path; do
    if ! cmp -s "$fresh/$path" "docs/$path"; then
        echo "docs/$path is not what the program says: scripts/reference, then commit"
        diff -u "docs/$path" "$fresh/$path" 2>&1 | sed -n '3,12p' || true
        failed=1
    fi
done < <(cd "$fresh" && find . -type f -printf '%P\n' | sort)
# a page that no longer exists would go on telling yesterday's truth
for path in docs/reference/*.md; do
    [ -e "$fresh/reference/${path##*/}" ] || { echo "$path is not written by scripts/reference: remove it"; failed=1; }
done
exit $failed
