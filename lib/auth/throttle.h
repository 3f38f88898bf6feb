/* For lib/auth alone: who is counted as whom when sign-ins fail, and how many failures are free. */
#ifndef POTTO_AUTH_THROTTLE_H
#define POTTO_AUTH_THROTTLE_H

#include "auth/authenticate.h"
#include "store/admin/throttle.h"

enum {
    /* Of one account, from networks it does not know, in a day: then each such network waits before its first
     * attempt. Nobody mistypes so often, and SP 800-63B 5.2.2 asks for no more than 100. */
    THROTTLE_ACCOUNT_FAILURES_MAX = 100,
};

struct throttle {
    struct sign_in_keys keys;
    struct sign_in_admission admission;
};

/* Count an attempt before its password is looked at. STATUS_THROTTLED with retry_after_s: leave it. The same work for
 * every account, there or not. `account` is what the attempt's address is looked up by (auth/session.c). */
enum status throttle_begin(const struct auth_keys *keys, struct store *store, const struct auth_attempt *attempt,
                           struct text account, struct arena *arena, struct throttle *out_throttle,
                           struct error *error);
/* It was right. */
enum status throttle_succeeded(struct store *store, const struct throttle *throttle, struct arena *arena,
                               struct error *error);

/* The network of an address, as bytes: IPv4 /24 (also when mapped into IPv6), IPv6 /64; anything else is itself.
 * Lives in `arena`. */
struct text throttle_network(struct text remote_address, struct arena *arena);

#endif
