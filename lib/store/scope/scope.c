/* Reading a scope; see scope.h. */
#include "store/scope/scope.h"

#include <xxhash.h>

#include "store/scope/scope_internal.h"

int64_t scope_organization_id(const struct scope *scope)
{
    return scope->organization_id;
}

int64_t scope_user_id(const struct scope *scope)
{
    return scope->user_id;
}

int64_t scope_connection_id(const struct scope *scope)
{
    return scope->connection_id;
}

enum role scope_role(const struct scope *scope)
{
    return scope->role;
}

int64_t scope_api_token_id(const struct scope *scope)
{
    return scope->api_token_id;
}

bool scope_is_read_only(const struct scope *scope)
{
    return scope->is_read_only;
}

const char *scope_user_email(const struct scope *scope)
{
    return scope->user_email == NULL ? "" : scope->user_email;
}

bool scope_has_connection(const struct scope *scope, int64_t connection_id)
{
    size_t low = 0, high = scope->connection_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (scope->connection_ids[middle] < connection_id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < scope->connection_count && scope->connection_ids[low] == connection_id;
}

int64_t scope_data_version(const struct scope *scope)
{
    return scope->data_version;
}

uint64_t scope_digest(const struct scope *scope)
{
    const int64_t who[] = {scope->organization_id, scope->user_id, scope->connection_id, scope->role};
    uint64_t digest = XXH3_64bits(who, sizeof who);

    return XXH3_64bits_withSeed(scope->connection_ids, scope->connection_count * sizeof *scope->connection_ids, digest);
}
