# SPDX-License-Identifier: PostgreSQL
world.config["xid_age_limit"] = "8000"
world.sql("create procedure burn(n int) language plpgsql as $$ begin for i in 1..n loop perform txid_current(); commit; end loop; end $$")
world.sql("call burn(9000)")
world.sql("drop procedure burn")
