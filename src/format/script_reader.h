/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_FORMAT_SCRIPT_READER_H
#define LIFEBOAT_FORMAT_SCRIPT_READER_H

#include "format/format.h"

/*
 * ScriptReader: the plain bytes of a script become the backup's inventory, counts, digests and defects.
 *
 * When is a script complete? pg_dump ends with the line "-- PostgreSQL database dump complete", pg_dumpall with "...
 * cluster dump complete" and one of the former for each database. A script that began with such a line must end with
 * its twin. One whose comments were taken out (supabase db dump does so) can be known to be complete only by another
 * last statement: the Supabase CLI writes RESET ALL after pg_dump has succeeded. A script with neither is reported as
 * cut (it could be), with words that say why.
 *
 * Counts: a COPY block or INSERT statements, to the last row, or unknown. A table that the script ends before, or ends
 * in, is unknown, never what was seen until there.
 */
typedef struct ScriptReader ScriptReader;

/* The backup's inventory must not be sealed yet. */
ScriptReader *script_reader_new(FormatThread *thread);

Err *script_reader_feed(ScriptReader *reader, Text plain);

/* The bytes are over, by the stream's end (damage NULL) or because the rest cannot be decompressed. Seals the
 * inventory. */
Err *script_reader_finish(ScriptReader *reader, const UnpackDamage *damage);

/* What a comment line says about the backup as a whole: versions, time. For the front of a script, before it is read.
 */
void script_reader_header(Backup *backup, Text comment);

#endif
