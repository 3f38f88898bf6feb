/* Reading what MongoDB nodes reported. Lists live in `arena`. Errors of every function: STATUS_UNAVAILABLE. */
#ifndef POTTO_STORE_READ_MONGODB_H
#define POTTO_STORE_READ_MONGODB_H

#include "facts/mongodb.h"
#include "store/read/period.h"
#include "store/scope/scope.h"
#include "store/scope/store.h"

enum {
    MONGODB_POINTS_MAX = 2000, /* of a node in one answer */
};

/* A report, or a bucket of them: means, sums and largest values by mongodb_value_kinds. */
struct mongodb_point {
    int64_t time_us;               /* of a bucket its start */
    int64_t reports;               /* 1: a single report */
    struct text role;              /* data NULL: not told, or a bucket */
    double values[MONGODB_VALUES]; /* NAN: not told */
};

struct mongodb_node {
    int64_t connection_id;
    struct text node_id;
    struct mongodb_point *points; /* ascending */
    size_t count;
    bool has_more;   /* points were cut off at the end */
    int64_t next_us; /* where they go on */
};

struct mongodb_node_list {
    struct mongodb_node *items;
    size_t count;
    bool has_more;
};

struct mongodb_filter {
    int64_t from_us, to_us;
    int32_t resolution_s; /* 300, 3600, 86400; 0: single reports */
    struct text node_id;  /* data NULL: all */
    int limit;            /* of nodes */
    int64_t after_connection_id;
    struct text after_node_id; /* of the page before; "" on the first one */
};

/* The series of the nodes that the filter picks, in the order of connection and name.
 * SQL: sql/mongodb_node_list.sql, sql/mongodb_points.sql, sql/mongodb_stat_points.sql */
enum status store_mongodb_series(struct store *store, const struct scope *scope, const struct mongodb_filter *filter,
                                 struct arena *arena, struct mongodb_node_list *out_list, struct error *error);

/* A node of a cluster, by its newest reports. */
struct mongodb_member {
    int64_t connection_id;
    struct text node_id;
    struct mongodb_point newest;
    /* Of each report, the newest first: its time, and all its operations together (-1: not told). */
    const int64_t *times_us, *operations;
    size_t count; /* 1 to MONGODB_RECENT_MAX */
};

/* A connection of engine mongodb. */
struct mongodb_cluster {
    int64_t connection_id;
    struct text name;
    int32_t interval_s;           /* of the connection's settings */
    struct mongodb_member *nodes; /* ascending by node_id */
    size_t count;
};

struct mongodb_cluster_list {
    struct mongodb_cluster *items; /* ascending by connection_id */
    size_t count;
    bool has_more;
};

/* Clusters behind `after_id`. SQL: sql/mongodb_cluster_list.sql, sql/mongodb_newest.sql */
enum status store_mongodb_cluster_list(struct store *store, const struct scope *scope, int64_t after_id, int limit,
                                       struct arena *arena, struct mongodb_cluster_list *out_list, struct error *error);

/* All nodes together, by the period's buckets. NAN: no node told it. */
struct mongodb_total {
    int64_t bucket_us;
    double operations;  /* in the bucket */
    double lag_s;       /* the largest mean of a node */
    double connections; /* means of all nodes added up */
    double cache_share; /* of the fullest node, 0..1 */
    double oplog_hours; /* the shortest mean of a node */
};
struct mongodb_total_list {
    struct mongodb_total *items; /* ascending; a bucket without reports is left out */
    size_t count;
};

/* node_id: data NULL: all nodes. SQL: sql/mongodb_totals.sql */
enum status store_mongodb_totals(struct store *store, const struct scope *scope, const struct period *period,
                                 struct text node_id, struct arena *arena, struct mongodb_total_list *out_list,
                                 struct error *error);

#endif
