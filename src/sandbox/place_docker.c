/* SPDX-License-Identifier: PostgreSQL */
#include <errno.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/process.h"
#include "base/text.h"
#include "base/time.h"
#include "base/uuid.h"
#include "sandbox/leftover.h"
#include "sandbox/place.h"
#include "sandbox/query.h"

/*
 * The container has no network; its Unix socket comes out through a directory of ours that is mounted where the image
 * puts it. That directory lies in one with a locked marker (sandbox/leftover.h), whose name the container bears: a
 * container of ours whose directory is gone has no owner.
 */
#define LABEL_HOST "lifeboat.sandbox"
#define LABEL_DIRECTORY "lifeboat.directory"

static const int64_t client_patience = 60 * TIME_SECOND;
static const int64_t start_patience = 180 * TIME_SECOND;

typedef struct Container {
    const char *directory, *name;
    int marker;
    bool started;
} Container;

/* ---- the client ---- */

static Err *docker(Arena *arena, const char *const *arguments, ProcessResult *out) {
    LIST(const char *) all = {0};
    *LIST_PUSH(arena, all) = "docker";
    for (; *arguments != NULL; arguments++)
        *LIST_PUSH(arena, all) = *arguments;
    *LIST_PUSH(arena, all) = NULL;
    const ProcessRequest request = {.arguments = all.items, .deadline = client_patience};
    return process_must(arena, &request, out);
}

#define DOCKER(arena, out, ...) docker((arena), (const char *const[]){__VA_ARGS__, NULL}, (out))

static const char *said(Arena *arena, const ProcessResult *result) {
    return text_dup(arena, text_trim(buf_view(result->output)));
}

static const char *host_name(Arena *arena) {
    char name[256] = "";
    gethostname(name, sizeof(name) - 1);
    return arena_strdup(arena, name[0] == '\0' ? "unknown" : name);
}

static Err *find_daemon(Arena *arena) {
    ProcessResult result = {0};
    if (process_find(arena, "docker") == NULL)
        return err_hint(arena, err_new(arena, ERR_NOT_FOUND, "sandbox = docker, but there is no docker client here"),
                        "install docker (Debian: docker.io), or use sandbox = local");
    Err *err = DOCKER(arena, &result, "version", "--format", "{{.Server.Version}}");
    if (err == NULL || err_is(err, ERR_INTERRUPTED))
        return err;
    return err_hint(arena, err_wrap(arena, err, "sandbox = docker, but no docker daemon answers"),
                    "start it (systemctl start docker) and let this user use it (group docker), or use sandbox = "
                    "local");
}

static Err *find_image(Arena *arena, const char *image) {
    ProcessResult result = {0};
    Err *err = DOCKER(arena, &result, "image", "inspect", "--format", "{{.Id}}", "--", image);
    if (err == NULL || err_is(err, ERR_INTERRUPTED))
        return err;
    return err_hint(arena, err_wrap(arena, err, "the image %s is not here", text_quote(arena, text_of(image), 200)),
                    "docker pull %s (nothing is fetched during a verification)", text_safe(arena, image));
}

/* ---- what earlier runs left ---- */

static void remove_container(Arena *arena, const char *name);

static void sweep(Arena *arena) {
    ProcessResult result = {0};
    size_t swept = 0;
    Err *err = sandbox_sweep(arena, NULL, &swept); /* directories of dead owners first */
    if (err == NULL)
        err = DOCKER(arena, &result, "ps", "--all", "--filter",
                     arena_printf(arena, "label=" LABEL_HOST "=%s", host_name(arena)), "--format",
                     "{{.Names}}\t{{.Label \"" LABEL_DIRECTORY "\"}}");
    if (err != NULL)
        return; /* leftovers are no reason not to verify */
    Text lines = buf_view(result.output);
    while (lines.length > 0) {
        Text directory, name = text_cut(text_cut(lines, '\n', &lines), '\t', &directory);
        if (text_starts(name, LEFTOVER_PREFIX) && directory.length > 0 && directory.at[0] == '/' &&
            access(text_dup(arena, directory), F_OK) != 0 && errno == ENOENT) {
            remove_container(arena, text_dup(arena, name));
            log_info("removed the container of a run that was killed", "name", text_dup(arena, name), NULL);
        }
    }
}

/* ---- starting ---- */

static Err *make_directory(Arena *arena, Container *container) {
    char *path = arena_printf(arena, "%s/" LEFTOVER_PREFIX "XXXXXX", leftover_parent(NULL));
    if (mkdtemp(path) == NULL)
        return err_errno(arena, errno, "cannot make a sandbox in %s", leftover_parent(NULL));
    container->directory = path;
    container->name = file_base_name(arena, path);
    TRY(leftover_mark(arena, path, &container->marker));
    /* The container's user is whoever the image says; only the socket is given to it. */
    const char *socket = file_join(arena, path, "socket");
    if (mkdir(socket, 0700) != 0 || chmod(socket, 0777) != 0 || chmod(path, 0711) != 0)
        return err_errno(arena, errno, "cannot make %s", socket);
    return NULL;
}

static Err *run_container(Arena *arena, const PlaceRequest *request, Container *container, const char *password) {
    ProcessResult result = {0};
    const char *settings = file_join(arena, container->directory, "environment");
    const char *inside = request->socket_folder == NULL ? "/var/run/postgresql" : request->socket_folder;
    TRY(file_write_atomic(arena, settings,
                          text_of(arena_printf(arena,
                                               "POSTGRES_PASSWORD=%s\nPOSTGRES_INITDB_ARGS=--locale=C "
                                               "--encoding=UTF8\n",
                                               password)),
                          0600));
    container->started = true; /* whatever comes of it, it is to be removed */
    Err *err = DOCKER(arena, &result, "run", "--detach", "--name", container->name, "--label",
                      arena_printf(arena, LABEL_HOST "=%s", host_name(arena)), "--label",
                      arena_printf(arena, LABEL_DIRECTORY "=%s", container->directory), "--network", "none",
                      "--shm-size", "256m", "--env-file", settings, "--volume",
                      arena_printf(arena, "%s/socket:%s", container->directory, inside), "--", request->image);
    unlink(settings);
    return err == NULL ? NULL
                       : err_wrap(arena, err, "the container of %s did not start",
                                  text_quote(arena, text_of(request->image), 200));
}

static Err *died(Arena *arena, const Container *container) {
    ProcessResult result = {0};
    Err *err = DOCKER(arena, &result, "logs", "--tail", "5", container->name);
    const char *words = err != NULL ? "" : text_quote(arena, text_trim(buf_view(result.errors)), 400);
    return err_hint(arena,
                    err_new(arena, ERR_PROCESS, "the PostgreSQL of the container ended while it started: %s", words),
                    "docker run the image by hand, with POSTGRES_PASSWORD set, and see what it says");
}

/* Official images start twice: first without TCP, to set themselves up. */
static Err *is_settled(Arena *arena, const char *conninfo, bool *out) {
    Query *query = NULL;
    PGresult *result = NULL;
    *out = false;
    if (PQping(conninfo) != PQPING_OK || query_connect(arena, conninfo, 0, &query) != NULL)
        return interrupt_check(arena);
    TRY(query_try(arena, query, "SELECT current_setting('listen_addresses') <> ''", NULL, &result));
    *out = query_succeeded(result) && PQgetvalue(result, 0, 0)[0] == 't';
    return NULL;
}

static Err *await_ready(Arena *arena, const Container *container, const char *conninfo) {
    int64_t began = time_monotonic();
    for (bool settled = false; time_monotonic() - began < start_patience; usleep(200 * 1000)) {
        ProcessResult result = {0};
        Arena *scratch = arena_child(arena);
        Err *err = is_settled(scratch, conninfo, &settled);
        err = err == NULL ? NULL : err_copy(arena, err);
        arena_free(scratch);
        if (err != NULL && !err_is(err, ERR_CONNECT)) /* it restarts under our hands */
            return err;
        if (settled)
            return NULL;
        TRY(interrupt_check(arena));
        TRY(DOCKER(arena, &result, "inspect", "--format", "{{.State.Running}}", container->name));
        if (strcmp(said(arena, &result), "true") != 0)
            return died(arena, container);
    }
    return err_hint(arena,
                    err_new(arena, ERR_TIMEOUT, "the PostgreSQL of the container did not answer on its socket in %s",
                            time_length_text(arena, start_patience)),
                    "see where the image puts its Unix socket, and say it in docker_socket");
}

/* ---- in it ---- */

static Err *superuser_of(Arena *arena, const Container *container, const char **out) {
    ProcessResult result = {0};
    Err *err = DOCKER(arena, &result, "exec", container->name, "printenv", "POSTGRES_USER");
    if (err != NULL && err_is(err, ERR_INTERRUPTED))
        return err;
    *out = err == NULL && said(arena, &result)[0] != '\0' ? said(arena, &result) : "postgres";
    return NULL;
}

static const char *conninfo_of(Arena *arena, const Container *container, const char *user, const char *password) {
    return arena_printf(arena,
                        "host='%s/socket' port=5432 dbname=postgres user='%s' password='%s' sslmode=disable "
                        "gssencmode=disable application_name=lifeboat connect_timeout=10",
                        container->directory, user, password);
}

/* A superuser of our own: a dump may alter the image's. And no more durability than a throw-away needs. */
static Err *settle_in(Arena *arena, Place *place, const char *first, const char *password, int *major) {
    const Container *container = place->state;
    static const char *const settings[] = {"ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET synchronous_commit = off",
                                           "ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()"};
    Query *query = NULL;
    PGresult *result = NULL;
    TRY(query_connect(arena, first, 0, &query));
    TRY(query_run(arena, query,
                  arena_printf(arena, "CREATE ROLE " SANDBOX_SUPERUSER " SUPERUSER LOGIN PASSWORD '%s'", password),
                  NULL, &result));
    for (size_t at = 0; at < sizeof(settings) / sizeof(settings[0]); at++)
        TRY(query_run(arena, query, settings[at], NULL, &result));
    TRY(query_run(arena, query,
                  "SELECT current_setting('server_version'), current_setting('server_version_num')::int / 10000", NULL,
                  &result));
    uint64_t number = 0;
    text_to_u64(text_of(PQgetvalue(result, 0, 1)), &number);
    *major = (int)number;
    place->server_version = arena_strdup(arena, PQgetvalue(result, 0, 0));
    place->conninfo = conninfo_of(arena, container, SANDBOX_SUPERUSER, password);
    return NULL;
}

static Err *refuse_older(Arena *arena, const PlaceRequest *request, int major) {
    if (major >= request->local.least_major)
        return NULL;
    return err_hint(arena,
                    err_new(arena, ERR_UNSUPPORTED, "the image %s is PostgreSQL %d, the backup needs %d",
                            text_quote(arena, text_of(request->image), 200), major, request->local.least_major),
                    "name a newer one in docker_image");
}

/* ---- taking it down ---- */

/* After Ctrl-C too. */
static Err *clean_up(Arena *arena, const char *const *arguments, ProcessResult *out) {
    const ProcessRequest request = {.arguments = arguments, .deadline = client_patience, .cleaning_up = true};
    return process_run(arena, &request, out);
}

static void remove_container(Arena *arena, const char *name) {
    ProcessResult result = {0};
    Err *err =
        clean_up(arena, (const char *const[]){"docker", "rm", "--force", "--volumes", "--", name, NULL}, &result);
    (void)err; /* whether it is gone is asked afterwards */
}

/* When the client cannot tell, it is taken to be there. */
static bool is_there(Arena *arena, const char *name) {
    ProcessResult result = {0};
    const char *filter = arena_printf(arena, "name=^/?%s$", name);
    const char *const arguments[] = {"docker", "ps", "--all", "--quiet", "--filter", filter, NULL};
    Err *err = clean_up(arena, arguments, &result);
    return err != NULL || result.status != 0 || text_trim(buf_view(result.output)).length > 0;
}

static Err *close_container(Place *place) {
    Container *container = place->state;
    Arena *arena = place->arena;
    bool stays = false;
    if (container->started) {
        remove_container(arena, container->name);
        stays = is_there(arena, container->name);
    }
    container->started = false;
    if (stays)
        return err_hint(arena, err_new(arena, ERR_PROCESS, "the container %s was not removed", container->name),
                        "docker rm --force --volumes %s", container->name);
    if (container->directory == NULL)
        return NULL;
    Err *err = leftover_remove(arena, container->directory);
    if (container->marker >= 0)
        close(container->marker);
    container->marker = -1;
    container->directory = NULL;
    return err;
}

Err *place_docker_make(Arena *arena, const PlaceRequest *request, Place *place) {
    if (request->image == NULL)
        return err_hint(arena, err_new(arena, ERR_CONFIG, "sandbox = docker needs docker_image: which image?"),
                        "docker_image = postgres:17, or any image of PostgreSQL that is here");
    Container *container = ARENA_NEW(arena, Container);
    const char *user = NULL, *password = uuid_new(arena), *first = NULL;
    int major = 0;
    *container = (Container){.marker = -1};
    TRY(tools_client(arena, request->local.bindir, request->backup->dump_major, &place->tools));
    TRY(find_daemon(arena));
    TRY(find_image(arena, request->image));
    sweep(arena);
    place->state = container;
    place->close = close_container;
    TRY(make_directory(arena, container));
    TRY(run_container(arena, request, container, password));
    TRY(superuser_of(arena, container, &user));
    first = conninfo_of(arena, container, user, password);
    TRY(await_ready(arena, container, first));
    TRY(settle_in(arena, place, first, password, &major));
    place->confined = true;
    place->confinement = arena_printf(arena, "no network (docker, image %s)", text_safe(arena, request->image));
    return refuse_older(arena, request, major);
}
