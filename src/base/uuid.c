/* SPDX-License-Identifier: PostgreSQL */
#include "base/uuid.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

static void fill_random(uint8_t *bytes, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t got = getrandom(bytes + done, size - done, 0);
        if (got < 0 && errno != EINTR) {
            fputs("lifeboat: the system has no random numbers\n", stderr);
            abort(); /* an id that is not unique would overwrite another run's record */
        }
        done += got > 0 ? (size_t)got : 0;
    }
}

const char *uuid_new(Arena *arena) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t milliseconds = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    uint8_t bytes[16];
    fill_random(bytes, sizeof(bytes));
    for (int at = 0; at < 6; at++)
        bytes[at] = (uint8_t)(milliseconds >> (40 - 8 * at));
    bytes[6] = (uint8_t)(0x70 | (bytes[6] & 0x0f));
    bytes[8] = (uint8_t)(0x80 | (bytes[8] & 0x3f));
    return arena_printf(arena, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", bytes[0],
                        bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7], bytes[8], bytes[9],
                        bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]);
}
