/* Compares the schema of program and store; see schema_version.h. */
#include "store/upkeep/schema_version.h"

#include <string.h>

#include "store/scope/statement.h"

#define UNDEFINED_FUNCTION "42883"

enum status store_schema_read(struct store *store, struct arena *arena, struct store_schema *out_schema,
                              struct error *error)
{
    struct store_schema schema = {.state = STORE_SCHEMA_HEALTHY, .expected = POTTO_SCHEMA_VERSION};
    PGresult *result;
    enum status status = store_run(store, SQL(schema_version), NULL, arena, &result, error);

    *out_schema = (struct store_schema){.expected = POTTO_SCHEMA_VERSION};
    if (status == STATUS_OK)
        schema.version = (int)row_int64(result, 0, SCHEMA_VERSION_VERSION);
    else if (strcmp(store_sqlstate(store), UNDEFINED_FUNCTION) != 0)
        return status;
    if (schema.version < schema.expected) {
        schema.state = STORE_SCHEMA_OLDER;
        schema.problem = "The store's schema is older than this program. Run `potto migrate`.";
    } else if (schema.version > schema.expected) {
        schema.state = STORE_SCHEMA_NEWER;
        schema.problem = "The store's schema is newer than this program. Start the newer program.";
    }
    *out_schema = schema;
    return STATUS_OK;
}
