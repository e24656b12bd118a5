# SPDX-License-Identifier: PostgreSQL
# the segment was in the second copy of the archive
names = sorted(name for name in os.listdir(world.archive) if len(name) == 24)
numbers = [int(name[8:16], 16) * 4096 + int(name[16:], 16) for name in names]
hole = next(a + 1 for a, b in zip(numbers, numbers[1:]) if b > a + 1)
shutil.move(os.path.join(world.base, "second-copy"), os.path.join(world.archive, f"{names[0][:8]}{hole // 4096:08X}{hole % 4096:08X}"))
