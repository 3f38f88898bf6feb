/* Leaving catalogue queries out; see catalog.h. */
#include "store/read/catalog.h"

#include "store/scope/statement.h"

enum status catalog_drop(struct store *store, const struct scope *scope, struct arena *arena, struct segment_sums *sums,
                         size_t count, struct error *error)
{
    PGresult *result; /* ids, ascending as those of the sums are */
    enum status status = store_read(store, scope, SQL(catalog_fingerprints), NULL, arena, &result, error);

    if (status != STATUS_OK || PQntuples(result) == 0)
        return status;
    for (size_t k = 0; k < count; k++) {
        size_t kept = 0;
        int row = 0;

        for (size_t i = 0; i < sums[k].count; i++) {
            int64_t id = sums[k].items[i].fingerprint_id;

            while (row < PQntuples(result) && row_int64(result, row, CATALOG_FINGERPRINTS_FINGERPRINT_ID) < id)
                row++;
            if (row == PQntuples(result) || row_int64(result, row, CATALOG_FINGERPRINTS_FINGERPRINT_ID) != id)
                sums[k].items[kept++] = sums[k].items[i];
        }
        sums[k].count = kept;
    }
    return STATUS_OK;
}
