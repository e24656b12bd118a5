# SPDX-License-Identifier: PostgreSQL
"""A key of two columns, to itself, on a partitioned table with odd names: rows were loaded with triggers off."""

RESTORE = True
SPLIT = "SET session_replication_role = replica;\n"


def prepare(world):
    world.database.sql('''
        CREATE TABLE "Odd ""Names" (a integer, "B b" integer, up_a integer, up_b integer, PRIMARY KEY (a, "B b"),
            CONSTRAINT "up and ""away" FOREIGN KEY (up_a, up_b) REFERENCES "Odd ""Names" (a, "B b")) PARTITION BY RANGE (a);
        CREATE TABLE odd_1 PARTITION OF "Odd ""Names" FOR VALUES FROM (0) TO (10);
        CREATE TABLE odd_2 PARTITION OF "Odd ""Names" FOR VALUES FROM (10) TO (20);
        INSERT INTO "Odd ""Names" VALUES (1, 1, NULL, NULL), (11, 2, 1, 1), (2, 3, 1, NULL), (3, 3, NULL, 77);
        CREATE TABLE both_or_none (a integer, b integer, FOREIGN KEY (a, b) REFERENCES "Odd ""Names" MATCH FULL);
        INSERT INTO both_or_none VALUES (NULL, NULL), (1, 1)''')


def provoke(world):
    world.database.sql('''SET session_replication_role = replica; UPDATE "Odd ""Names" SET up_b = 9 WHERE a = 11''')
    world.dump_over()
