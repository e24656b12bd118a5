/* SPDX-License-Identifier: PostgreSQL */
#include "sandbox/place.h"

#include "base/log.h"
#include "sandbox/service.h"

static void close_with_arena(void *what) {
    Place *place = what;
    Err *err = place_close(place);
    if (err != NULL)
        log_error("what was made for the restore was not removed", "error", err_text(place->arena, err), "try",
                  err_first_hint(err), NULL);
}

static Err *make_local(Arena *arena, const PlaceRequest *request, Place *place) {
    TRY(sandbox_make(arena, &request->local, &place->sandbox));
    place->tools = place->sandbox->tools;
    place->server_version = place->sandbox->tools->version;
    place->confinement = place->sandbox->confinement;
    place->confined = place->sandbox->confined;
    return NULL;
}

Err *place_make(Arena *arena, const PlaceRequest *request, Place **out) {
    static Err *(*const make[])(Arena * arena, const PlaceRequest *request, Place *place) = {
        [PLACE_LOCAL] = make_local, [PLACE_SERVER] = place_server_make, [PLACE_DOCKER] = place_docker_make};
    Place *place = ARENA_NEW(arena, Place);
    *place = (Place){.arena = arena, .kind = request->kind, .server_version = "", .confinement = ""};
    arena_defer(arena, close_with_arena, place);
    *out = place;
    Err *err = make[request->kind](arena, request, place);
    if (err == NULL)
        return NULL;
    Err *closing = place_close(place);
    if (closing != NULL)
        log_error("what was made for the restore was not removed", "error", err_text(arena, closing), "try",
                  err_first_hint(closing), NULL);
    *out = NULL;
    return err;
}

const char *place_conninfo(Arena *arena, const Place *place, const char *database) {
    const char *conninfo = place->conninfo;
    if (place->kind == PLACE_LOCAL)
        return sandbox_conninfo(arena, place->sandbox, database == NULL ? "postgres" : database, SANDBOX_SUPERUSER);
    Err *err = service_conninfo(arena, place->conninfo, database, &conninfo);
    return err == NULL ? conninfo : place->conninfo; /* it was parsed before */
}

Err *place_close(Place *place) {
    if (place->closed)
        return NULL;
    place->closed = true;
    if (place->sandbox != NULL)
        return sandbox_close(place->sandbox);
    return place->close == NULL ? NULL : place->close(place);
}

Err *place_keep(Place *place, const char **how_to_remove) {
    if (place->sandbox == NULL)
        return err_hint(place->arena,
                        err_new(place->arena, ERR_UNSUPPORTED, "--keep works with a sandbox of this machine only"),
                        "sandbox = local, or lifeboat restore --new-database on the staging server");
    TRY(sandbox_keep(place->sandbox, how_to_remove));
    place->closed = true;
    return NULL;
}
