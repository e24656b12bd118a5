-- SPDX-License-Identifier: PostgreSQL
analyze knowledge_base_chunks;
