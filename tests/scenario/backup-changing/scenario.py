# SPDX-License-Identifier: PostgreSQL
"""The backup job is still writing."""
import os
import signal
import time

SEVERITY = "notice"
VERDICT = "unknown"


def provoke(world):
    whole = world.bytes
    world.backup.write_bytes(whole[:len(whole) // 2])
    pid = os.fork()
    if pid == 0:
        with open(world.backup, "ab", buffering=0) as out:
            for at in range(len(whole) // 2, len(whole) - 1, 64):
                out.write(whole[at:at + 64])
                time.sleep(0.02)
        os._exit(0)
    world.undo = [lambda: (os.kill(pid, signal.SIGKILL), os.waitpid(pid, 0))]
