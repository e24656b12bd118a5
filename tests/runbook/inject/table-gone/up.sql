-- SPDX-License-Identifier: PostgreSQL
drop table knowledge_base_chunks;
