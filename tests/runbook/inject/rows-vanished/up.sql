-- SPDX-License-Identifier: PostgreSQL
delete from knowledge_base_chunks;
