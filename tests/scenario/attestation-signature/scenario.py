# SPDX-License-Identifier: PostgreSQL
"""Somebody replaced the backup by one of their own making, with an attestation signed by another key."""
import time


def prepare(world):
    world.arguments += ["--verify-key", world.key("ours") + ".pub"]
    world.take("--sign-key", world.key("ours"))


def provoke(world):
    time.sleep(1.1)  # names tell seconds apart
    world.take("--sign-key", world.key("theirs"))
