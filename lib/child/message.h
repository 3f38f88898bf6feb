/* What the collector and a child say to each other: one request, then one answer. A request comes from the collector
 * and holds a password; an answer comes from a process that a monitored server may have taken over, so its reader
 * refuses whatever breaks a rule of facts/codec.h, collect/collect.h or collect/probe.h. Both sides are of the same
 * build. */
#ifndef POTTO_CHILD_MESSAGE_H
#define POTTO_CHILD_MESSAGE_H

#include "base/pack.h"
#include "collect/collect.h"
#include "collect/logs.h"
#include "collect/probe.h"
#include "collect/waits.h"

enum {
    MESSAGE_BYTES_MAX = 64 * 1024 * 1024,      /* of a request, and of an answer */
    MESSAGE_WAITS_BYTES_MAX = 4 * 1024 * 1024, /* of an answer about sessions: many of them are held at once */
    MESSAGE_CURSOR_BYTES_MAX = 256 * 1024,
};

enum message_kind { MESSAGE_UNSET, MESSAGE_COLLECT, MESSAGE_PROBE, MESSAGE_WAITS, MESSAGE_LOG };

struct message_request {
    enum message_kind kind;
    int64_t max_ms;                /* the child's own deadline, from now on */
    bool is_yielding;              /* the child leaves the processor to others */
    struct target_options options; /* without deadline_us and should_stop, which are each side's own */
    double min_duration_ms;        /* of a probe */
    struct collect_input input;    /* of a cycle; its target is left to the reader */
    struct waits_input waits;      /* of a stretch of looks at sessions; likewise */
    struct log_input log;          /* of a part of a log file, which needs no options */
};

/* The options come last, and `buffer` does not move after they are in it: the caller can wipe the password. */
void message_pack_request(const struct message_request *request, struct buffer *buffer);
/* False: the bytes are no request. Arrays and texts that end with NUL live in `arena`; other texts in the bytes. */
bool message_unpack_request(struct text bytes, struct arena *arena, struct message_request *out_request);

/* Texts that are no UTF-8 are mended here; `arena` holds the mended ones. */
void message_pack_collected(const struct collect_result *result, struct arena *arena, struct buffer *buffer);
void message_pack_probed(const struct probe_result *result, struct arena *arena, struct buffer *buffer);
void message_pack_waits(const struct waits_result *result, struct arena *arena, struct buffer *buffer);
void message_pack_log(const struct log_result *result, struct buffer *buffer);

/* False: the answer breaks a rule, and nothing of it may be used. `input`: what was asked. */
bool message_unpack_collected(struct text bytes, const struct collect_input *input, struct arena *arena,
                              struct collect_result *out_result);
bool message_unpack_probed(struct text bytes, struct arena *arena, struct probe_result *out_result);
bool message_unpack_waits(struct text bytes, struct arena *arena, struct waits_result *out_result);
bool message_unpack_log(struct text bytes, const struct log_input *input, struct arena *arena,
                        struct log_result *out_result);

#endif
