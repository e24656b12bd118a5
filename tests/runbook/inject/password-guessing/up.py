# SPDX-License-Identifier: PostgreSQL
import psycopg2
for _ in range(45):
    try:
        psycopg2.connect(host=world.socket, user="break_glass", password="guess", dbname="app")
    except psycopg2.Error:
        pass
