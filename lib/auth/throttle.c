/* Throttled sign-in; see throttle.h. Three counters slow down whoever guesses passwords: failures of the account from
 * one network, failures of the network, and failures of the account from all networks that it does not know. The owner
 * of an account, who signed in from a network before, is not slowed there by failures of others elsewhere. */
#include "auth/throttle.h"

#include <arpa/inet.h>
#include <math.h>
#include <string.h>

#include "auth/keys.h"

enum { IPV4_NETWORK_BYTES = 3, IPV6_NETWORK_BYTES = 8, ADDRESS_BYTES_MAX = 64 };

struct text throttle_network(struct text remote_address, struct arena *arena)
{
    char address[ADDRESS_BYTES_MAX];
    unsigned char bytes[16];
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

    if (remote_address.size >= sizeof address)
        remote_address.size = sizeof address - 1;
    if (remote_address.size > 0)
        memcpy(address, remote_address.data, remote_address.size);
    address[remote_address.size] = '\0';
    if (inet_pton(AF_INET, address, bytes) == 1)
        return (struct text){arena_copy(arena, bytes, IPV4_NETWORK_BYTES), IPV4_NETWORK_BYTES};
    if (inet_pton(AF_INET6, address, bytes) != 1)
        return (struct text){arena_copy(arena, address, remote_address.size), remote_address.size};
    if (memcmp(bytes, mapped, sizeof mapped) == 0)
        return (struct text){arena_copy(arena, bytes + sizeof mapped, IPV4_NETWORK_BYTES), IPV4_NETWORK_BYTES};
    return (struct text){arena_copy(arena, bytes, IPV6_NETWORK_BYTES), IPV6_NETWORK_BYTES};
}

/* HMAC of the kind, the network and the account. The size of the network goes first, so that two different names never
 * give the same bytes. */
static enum status name_of(const struct auth_keys *keys, char kind, struct text network, struct text account,
                           struct arena *arena, struct text *out_name, struct error *error)
{
    const unsigned char *key = keys->throttle[auth_keys_signing(keys)];
    unsigned char *mac = arena_alloc(arena, CRYPTO_SHA256_BYTES);
    char *data = arena_alloc(arena, 2 + network.size + account.size);
    enum status status;

    data[0] = kind;
    data[1] = (char)network.size; /* at most ADDRESS_BYTES_MAX */
    memcpy(data + 2, network.size == 0 ? "" : network.data, network.size);
    memcpy(data + 2 + network.size, account.size == 0 ? "" : account.data, account.size);
    status = crypto_hmac_sha256((struct text){(const char *)key, CRYPTO_SHA256_BYTES},
                                (struct text){data, 2 + network.size + account.size}, mac, error);
    *out_name = (struct text){(char *)mac, CRYPTO_SHA256_BYTES};
    return status;
}

static enum status refuse(double wait_s, struct error *error)
{
    int seconds = (int)ceil(wait_s);

    error_set(error, STATUS_THROTTLED, "Too many attempts to sign in failed; try again in %d s.", seconds);
    if (error != NULL)
        error->retry_after_s = seconds;
    return STATUS_THROTTLED;
}

enum status throttle_begin(const struct auth_keys *keys, struct store *store, const struct auth_attempt *attempt,
                           struct text account, struct arena *arena, struct throttle *out_throttle, struct error *error)
{
    const struct sign_in_limits limits = {.pair_failures_max = (int32_t)attempt->account_failures_max,
                                          .network_failures_max = (int32_t)attempt->network_failures_max,
                                          .account_failures_max = THROTTLE_ACCOUNT_FAILURES_MAX};
    struct text network = throttle_network(attempt->remote_address, arena);
    struct text none = {NULL, 0};
    struct throttle throttle = {.admission = {0}};
    enum status status = name_of(keys, 'p', network, account, arena, &throttle.keys.pair, error);

    if (status == STATUS_OK)
        status = name_of(keys, 'n', network, none, arena, &throttle.keys.network, error);
    if (status == STATUS_OK)
        status = name_of(keys, 'a', none, account, arena, &throttle.keys.account, error);
    if (status == STATUS_OK)
        status = store_sign_in_admit(store, &throttle.keys, &limits, arena, &throttle.admission, error);
    if (status == STATUS_OK && throttle.admission.wait_s > 0)
        return refuse(throttle.admission.wait_s, error);
    /* Old counters are removed by attempts that go on; a refused attempt costs as little as possible. */
    if (status == STATUS_OK)
        status = store_sign_in_trim(store, arena, error);
    if (status == STATUS_OK)
        *out_throttle = throttle;
    return status;
}

enum status throttle_succeeded(struct store *store, const struct throttle *throttle, struct arena *arena,
                               struct error *error)
{
    return store_sign_in_succeeded(store, &throttle->keys, throttle->admission.is_known, arena, error);
}
