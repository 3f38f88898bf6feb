/* Appending to the audit log; see audit.h. */
#include "store/audit.h"

enum { REMOTE_ADDRESS_BYTES_MAX = 64 };

enum status store_audit_add(struct store *store, const struct audit_entry *entry, struct arena *arena,
                            struct error *error)
{
    struct store_params params = {.arena = arena};

    params_int64(&params, entry->organization_id);
    params_int64(&params, entry->user_id);
    params_string(&params, entry->action);
    params_string(&params, entry->subject_kind == NULL ? "" : entry->subject_kind);
    params_int64(&params, entry->subject_id);
    params_text(&params, audit_address(entry->remote_address, arena));
    params_json(&params, entry->detail_json.data == NULL ? TEXT("{}") : entry->detail_json);
    return store_run(store, SQL(audit_add), &params, 0, arena, NULL, error);
}

struct text audit_address(struct text remote_address, struct arena *arena)
{
    struct text address = text_cut_utf8(text_to_utf8(remote_address, arena), REMOTE_ADDRESS_BYTES_MAX);

    return address.data == NULL ? TEXT("") : address;
}
