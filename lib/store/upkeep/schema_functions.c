/* Loads functions and views; see schema_functions.h. */
#include "store/upkeep/schema_functions.h"

#include <string.h>

#include "store/scope/statement.h"

/* The objects of one name in the schema. */
struct found {
    struct text checksum;       /* of the file that they were loaded from; data NULL: not loaded from a file */
    struct text loaded;         /* SHA-256 of their definition when they were loaded; data NULL: not known */
    struct text definition;     /* the same of today; data NULL: there are none */
    const struct text *objects; /* as DROP takes them: "ROUTINE potto_user()" */
    size_t object_count;
};

/* Files to load, and names to drop; an item with sql.data NULL is to be dropped. */
struct work {
    struct store *store;
    struct arena *arena;
    const struct schema_function **items;
    size_t count;
    bool is_checked; /* if false, bodies are not checked, and store_schema_functions_load loads the file once more */
};

static enum status find(struct store *store, const char *name, struct arena *arena, struct found *out_found,
                        struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_string(&params, name);
    status = store_run(store, SQL(schema_function_find), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    out_found->checksum = row_text(result, 0, SCHEMA_FUNCTION_FIND_CHECKSUM);
    out_found->loaded = row_text(result, 0, SCHEMA_FUNCTION_FIND_LOADED);
    out_found->definition = row_text(result, 0, SCHEMA_FUNCTION_FIND_DEFINITION);
    out_found->objects = row_text_array(result, 0, SCHEMA_FUNCTION_FIND_OBJECTS, arena, &out_found->object_count);
    return STATUS_OK;
}

static enum status drop_objects(struct work *work, const char *name, struct error *error)
{
    struct found found = {0};
    enum status status = find(work->store, name, work->arena, &found, error);

    for (size_t i = 0; i < found.object_count && status == STATUS_OK; i++)
        status = store_script(work->store,
                              arena_printf(work->arena, "DROP %.*s", (int)found.objects[i].size, found.objects[i].data),
                              error);
    return status;
}

/* *out_made: the objects of that name afterwards; more than one if the parameters have changed. */
static enum status create(struct work *work, const struct schema_function *function, struct found *out_made,
                          struct error *error)
{
    enum status status = store_script(work->store, function->sql.data, error);

    return status == STATUS_OK ? find(work->store, function->name, work->arena, out_made, error) : status;
}

/* Was CREATE OR REPLACE refused because of a difference that it cannot make: a function's result or the names of its
 * parameters, or a view's columns? */
static bool is_refused_as_different(const struct store *store)
{
    return strcmp(store_sqlstate(store), "42P13") == 0 || strcmp(store_sqlstate(store), "42P16") == 0;
}

static enum status replace(struct work *work, const struct schema_function *function, struct found *out_made,
                           struct error *error)
{
    enum status status = create(work, function, out_made, error);

    if (out_made->object_count > 1 || (status != STATUS_OK && is_refused_as_different(work->store))) {
        status = store_script(work->store, "ROLLBACK TO SAVEPOINT schema_function", error);
        if (status == STATUS_OK)
            status = drop_objects(work, function->name, error);
        if (status == STATUS_OK)
            status = create(work, function, out_made, error);
    }
    if (status == STATUS_OK && out_made->object_count != 1) {
        error_set(error, STATUS_INVALID, "A value is not allowed.");
        return error_detail(error, "the file has to make one function or view, named as the file");
    }
    return status;
}

static enum status record(struct work *work, const struct schema_function *function, struct text definition,
                          struct error *error)
{
    struct db_params params = {.arena = work->arena};

    params_string(&params, function->name);
    if (function->sql.data == NULL)
        return store_run(work->store, SQL(schema_function_forget), &params, work->arena, NULL, error);
    params_bytes(&params, work->is_checked ? function->checksum : TEXT(""));
    params_bytes(&params, definition);
    return store_run(work->store, SQL(schema_function_record), &params, work->arena, NULL, error);
}

/* Load or drop one item completely or not at all. The transaction can continue after a failure. */
static enum status load_one(struct work *work, const struct schema_function *function, struct error *error)
{
    struct found made = {0};
    enum status status = store_script(work->store, "SAVEPOINT schema_function", error);

    if (status != STATUS_OK)
        return status;
    if (function->sql.data == NULL)
        status = drop_objects(work, function->name, error);
    else
        status = replace(work, function, &made, error);
    if (status == STATUS_OK)
        status = record(work, function, made.definition, error);
    if (status == STATUS_OK)
        return store_script(work->store, "RELEASE SAVEPOINT schema_function", error);
    error_set(error, status, "functions/%s.sql was not %s", function->name,
              function->sql.data == NULL ? "dropped" : "loaded");
    store_script(work->store, "ROLLBACK TO SAVEPOINT schema_function", NULL);
    return status;
}

/* Load all items. An item may need another that comes later, so passes are repeated while each of them loads something.
 * Items that failed stay in `work`; the error is the first one of the last pass. */
static enum status load_all(struct work *work, struct error *error)
{
    enum status status = STATUS_OK;
    size_t before;

    do {
        size_t left = 0;

        before = work->count;
        status = STATUS_OK;
        for (size_t i = 0; i < before; i++) {
            struct error failure = {0};

            if (load_one(work, work->items[i], &failure) == STATUS_OK)
                continue;
            if (left == 0) {
                status = failure.status;
                *error = failure;
            }
            work->items[left++] = work->items[i];
        }
        work->count = left;
    } while (work->count > 0 && work->count < before);
    return status;
}

static bool is_view(const struct schema_function *function)
{
    return strstr(function->sql.data, "CREATE OR REPLACE VIEW") != NULL;
}

enum status store_schema_functions_prepare(struct store *store, const struct schema_function *functions, size_t count,
                                           struct arena *arena, struct error *error)
{
    struct work work = {store, arena, arena_alloc_array(arena, count, sizeof *work.items), 0, false};
    struct error later = {0};
    enum status status = STATUS_OK;

    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct found found = {0};

        status = find(store, functions[i].name, arena, &found, error);
        if (status == STATUS_OK && found.object_count == 0 && !is_view(&functions[i]))
            work.items[work.count++] = &functions[i];
    }
    if (status == STATUS_OK)
        status = store_script(store, "SET LOCAL check_function_bodies = off", error);
    if (status != STATUS_OK)
        return status;
    load_all(&work, &later); /* a function that fails needs a table of the migrations, and is loaded after them */
    return store_script(store, "SET LOCAL check_function_bodies = on", error);
}

static bool has_file(struct text name, const struct schema_function *functions, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(name, text_of(functions[i].name)))
            return true;
    return false;
}

/* Why a file is loaded. */
enum reason { REASON_UNSET, REASON_NONE, REASON_FILE, REASON_DATABASE };

/* Its content has changed, or its object is missing (a migration that changes a column drops the view that reads it),
 * or somebody has changed the object. What an older Potto has loaded is loaded once more, to learn its definition. */
static enum reason reason_to_load(const struct schema_function *function, const struct found *found)
{
    if (found->object_count == 0 || !text_equal(found->checksum, function->checksum) || found->loaded.data == NULL)
        return REASON_FILE;
    return found->object_count > 1 || !text_equal(found->loaded, found->definition) ? REASON_DATABASE : REASON_NONE;
}

/* Find the files to load, and the names that were loaded once but have no file any more. */
static enum status find_work(struct work *work, const struct schema_function *functions, size_t count,
                             struct schema_functions_loaded *loaded, struct error *error)
{
    PGresult *result;
    enum status status = store_run(work->store, SQL(schema_function_list), NULL, work->arena, &result, error);
    struct schema_function *gone;

    if (status != STATUS_OK)
        return status;
    gone = arena_alloc_array(work->arena, (size_t)PQntuples(result), sizeof *gone);
    work->items = arena_alloc_array(work->arena, count + (size_t)PQntuples(result), sizeof *work->items);
    loaded->changed = arena_alloc_array(work->arena, count, sizeof *loaded->changed);
    for (size_t i = 0; i < count; i++) {
        struct found found = {0};
        enum reason reason;

        status = find(work->store, functions[i].name, work->arena, &found, error);
        if (status != STATUS_OK)
            return status;
        reason = reason_to_load(&functions[i], &found);
        if (reason == REASON_DATABASE)
            loaded->changed[loaded->changed_count++] = functions[i].name;
        if (reason != REASON_NONE)
            work->items[work->count++] = &functions[i];
    }
    for (int row = 0; row < PQntuples(result); row++) {
        struct text name = row_text(result, row, SCHEMA_FUNCTION_LIST_NAME);

        if (has_file(name, functions, count))
            continue;
        gone[loaded->dropped] = (struct schema_function){.name = arena_string(work->arena, name.data, name.size)};
        work->items[work->count++] = &gone[loaded->dropped++];
    }
    return status;
}

static enum status grant(struct store *store, struct arena *arena, struct schema_functions_loaded *loaded,
                         struct error *error)
{
    struct text *missing;
    PGresult *result;
    enum status status = store_run(store, SQL(grants_make), NULL, arena, &result, error);

    if (status != STATUS_OK)
        return status;
    loaded->missing_count = (size_t)PQntuples(result);
    missing = arena_alloc_array(arena, loaded->missing_count, sizeof *missing);
    for (size_t i = 0; i < loaded->missing_count; i++)
        missing[i] = row_text(result, (int)i, GRANTS_MAKE_STATEMENT);
    loaded->missing = missing;
    return STATUS_OK;
}

enum status store_schema_functions_load(struct store *store, const struct schema_function *functions, size_t count,
                                        struct arena *arena, struct schema_functions_loaded *out_loaded,
                                        struct error *error)
{
    struct work work = {.store = store, .arena = arena, .is_checked = true};
    struct schema_functions_loaded loaded = {0};
    enum status status = find_work(&work, functions, count, &loaded, error);

    loaded.loaded = work.count - loaded.dropped;
    if (status == STATUS_OK)
        status = load_all(&work, error);
    if (status == STATUS_OK)
        status = grant(store, arena, &loaded, error);
    if (status == STATUS_OK)
        *out_loaded = loaded;
    return status;
}
