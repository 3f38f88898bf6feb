/* Reports of connections: what each of them ran, all together or fingerprint by fingerprint. Everything returned lives
 * in `arena`. Errors: STATUS_UNAVAILABLE when the store is away. */
#ifndef POTTO_STORE_READ_STATS_CONNECTIONS_H
#define POTTO_STORE_READ_STATS_CONNECTIONS_H

#include "store/read/stats.h"

/* As store_stats_databases, with fingerprint_count (without statements that read catalogues alone), rows, blocks and
 * max_ms. SQL: sql/connection_chosen_list.sql */
enum status store_stats_databases_detail(struct store *store, const struct scope *scope, const struct period *period,
                                         const struct stats_page *page, struct arena *arena,
                                         struct stats_list *out_list, struct error *error);

/* Fingerprints of each connection, most time first. SQL: sql/stats_connection_query_texts.sql */
enum status store_stats_connection_queries(struct store *store, const struct scope *scope, const struct period *period,
                                           const struct stats_page *page, struct arena *arena,
                                           struct stats_list *out_list, struct error *error);

#endif
