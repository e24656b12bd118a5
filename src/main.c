/* SPDX-License-Identifier: PostgreSQL */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "version") == 0) {
        puts("lifeboat " LIFEBOAT_VERSION);
        return 0;
    }
    fputs("usage: lifeboat version\n", stderr);
    return 64;
}
