/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_NOTIFY_NOTIFY_SLACK_H
#define LIFEBOAT_NOTIFY_NOTIFY_SLACK_H

#include "notify/notify.h"

/*
 * Slack's incoming webhooks: POST a JSON of `text` and Block Kit blocks; the answer is 200 with the body "ok", or a
 * short word of error (Slack documentation, "Sending messages using incoming webhooks"). Limits held here: header 150
 * characters, section text 3000, 10 fields of 2000, 50 blocks, and less than 10,000 bytes in all (Slack refuses more
 * with msg_blocks_too_long).
 */
extern const NotifyType notify_slack;

/* The body of the request. Whatever comes from a backup has & < > escaped, so it can neither mention people nor make
 * links. */
json_t *notify_slack_body(Arena *arena, const NotifyMessage *message);

/* At most `limit` bytes of mrkdwn that show the text as it is: escaped, cut between characters, "…" where it was cut.
 */
const char *notify_slack_escape(Arena *arena, const char *text, size_t limit);

#endif
