# SPDX-License-Identifier: PostgreSQL
world.stop("immediate")
