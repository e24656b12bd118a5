# SPDX-License-Identifier: PostgreSQL
world.stop()
open(os.path.join(world.data, "standby.signal"), "w").close()
world.owned(os.path.join(world.data, "standby.signal"))
world.start()
