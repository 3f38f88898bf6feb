/* What may stand as the host of a monitored database. */
#ifndef POTTO_BASE_HOST_H
#define POTTO_BASE_HOST_H

#include <stdbool.h>

#include "base/text.h"

/* NULL, or what is wrong with the host: the end of a sentence that begins with "The host". It is a name, an IPv4 or an
 * IPv6 address: so no client library reads a list of hosts, a URI or options in it. A name may have _ and, for a named
 * instance, a backslash. A unix socket (a path) would let members use what the collector's own user may open. An empty
 * host is none, and well. */
const char *host_check(struct text host, bool allows_sockets);

#endif
