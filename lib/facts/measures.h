/* What a server counts of a statement beside its calls, time, rows and blocks: planning, reading and writing, temporary
 * files, WAL, and so on. Which measures are known depends on the server's engine, version and settings. One that is not
 * known is no 0, and sums leave it out.
 *
 * Packed, as in the store: ascending entries of `measure << 56 | amount`. The first one, of MEASURE_UNSET, has as its
 * amount the bit `1 << measure` for each measure that is known. One that is known and 0 has no entry of its own. Pure.
 */
#ifndef POTTO_FACTS_MEASURES_H
#define POTTO_FACTS_MEASURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum measure_unit { MEASURE_UNIT_UNSET, MEASURE_TIMES, MEASURE_BYTES, MEASURE_MICROSECONDS };

/* X(NAME, name, unit): `name` is that of the API, where times are in milliseconds. The store knows measures by their
 * numbers, so a new one is the last, and none is taken out. There is room for 55. */
#define MEASURES(X)                                                                                                    \
    X(PLANS, "plans", MEASURE_TIMES)                                                                                   \
    X(PLAN_TIME, "plan_ms", MEASURE_MICROSECONDS)                                                                      \
    X(READ_TIME, "read_ms", MEASURE_MICROSECONDS)   /* of blocks that the cache did not have */                        \
    X(WRITE_TIME, "write_ms", MEASURE_MICROSECONDS) /* of blocks that the statement itself had to write */             \
    X(TEMP_READ, "temp_read_bytes", MEASURE_BYTES)                                                                     \
    X(TEMP_WRITTEN, "temp_written_bytes", MEASURE_BYTES)                                                               \
    X(TEMP_READ_TIME, "temp_read_ms", MEASURE_MICROSECONDS)                                                            \
    X(TEMP_WRITE_TIME, "temp_write_ms", MEASURE_MICROSECONDS)                                                          \
    X(WAL_RECORDS, "wal_records", MEASURE_TIMES)                                                                       \
    X(WAL_PAGES, "wal_full_page_images", MEASURE_TIMES)                                                                \
    X(WAL_BYTES, "wal_bytes", MEASURE_BYTES)                                                                           \
    X(JIT_FUNCTIONS, "jit_functions", MEASURE_TIMES)                                                                   \
    X(JIT_TIME, "jit_ms", MEASURE_MICROSECONDS)                                                                        \
    X(WORKERS_PLANNED, "workers_planned", MEASURE_TIMES)                                                               \
    X(WORKERS_LAUNCHED, "workers_launched", MEASURE_TIMES)

#define MEASURE_NAME(NAME, name, unit) MEASURE_##NAME,
enum measure { MEASURE_UNSET, MEASURES(MEASURE_NAME) MEASURE_END };
#undef MEASURE_NAME

const char *measure_name(enum measure measure);
enum measure_unit measure_unit(enum measure measure);
/* What no server gains in a second in all of its statements together. */
double measure_a_second_max(enum measure measure);

enum { MEASURE_UNKNOWN = -1, MEASURE_AMOUNT_BITS = 56 };
#define MEASURE_AMOUNT_MAX ((INT64_C(1) << MEASURE_AMOUNT_BITS) - 1) /* of an entry; more is packed as so much */

/* Amounts in the unit of each measure; MEASURE_UNKNOWN, or 0 and more. That of MEASURE_UNSET means nothing. Where a
 * pointer to it is NULL, nothing is known. */
struct measures {
    int64_t amounts[MEASURE_END];
};

struct measures measures_unknown(void);
bool measures_know(const struct measures *measures, enum measure measure);
bool measures_know_any(const struct measures *measures);
bool measures_know_same(const struct measures *one, const struct measures *other);

/* What is known of one of them becomes known of their sum. Amounts stop at INT64_MAX. */
void measures_add(struct measures *sums, const struct measures *more);

/* From totals to what they gained. `is_whole`: all of `now` is growth (collect/growth.h). A measure's growth is known
 * if both totals are, and if it did not become less. `silent` has the bit `1 << measure` of those that the server's
 * settings keep from growing: of these only what grew is known. */
struct measures measures_growth(const struct measures *before, const struct measures *now, bool is_whole,
                                uint64_t silent);
/* Part `index` of `count`; all parts add up to the whole. */
struct measures measures_piece(const struct measures *whole, int index, int count);

/* Returns the number of entries; 0: nothing is known. */
size_t measures_pack(const struct measures *measures, int64_t out_entries[MEASURE_END]);
/* Take in one entry, or a sum of entries of one measure as its number and amount, MEASURE_UNSET first. Measures of a
 * newer Potto are passed over. */
void measures_unpack(struct measures *measures, int64_t measure, int64_t amount);

#endif
