# SPDX-License-Identifier: PostgreSQL
names = sorted(name for name in os.listdir(world.archive) if len(name) == 24)
assert len(names) > 4, names
shutil.move(os.path.join(world.archive, names[len(names) // 2]), os.path.join(world.base, "second-copy"))
