/* Messages of an agent about itself. It registers with {"agent_token", "hostname", "version"}. Its heartbeat may have
 * any members, which a page shows: {"agent_token", "version", "status", "spool": {…}, …}. */
#ifndef POTTO_WIRE_COLLECTOR_H
#define POTTO_WIRE_COLLECTOR_H

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

enum {
    COLLECTOR_HOSTNAME_BYTES_MAX = 255,
    COLLECTOR_VERSION_BYTES_MAX = 64,
    COLLECTOR_DETAIL_BYTES_MAX = 16 * 1024,
    COLLECTOR_MEMBER_BYTES_MAX = 64, /* of a member's name in a heartbeat: a-z, 0-9 and _ */
};

struct collector_message {
    struct text hostname, version; /* printable; data NULL: not sent */
    struct text detail; /* of a heartbeat: a JSON object of its other members, without the token; jsonb takes it */
};

/* Memory: `arena`. Errors: STATUS_MALFORMED (not JSON), STATUS_INVALID (hostname is missing; a member is unknown, given
 * twice, of the wrong type or too long). */
enum status collector_registration_read(struct text body, struct arena *arena, struct collector_message *out_message,
                                        struct error *error);
enum status collector_heartbeat_read(struct text body, struct arena *arena, struct collector_message *out_message,
                                     struct error *error);

#endif
