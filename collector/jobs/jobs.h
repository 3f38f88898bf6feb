/* Jobs: what a request asked for and may not wait for. A kind is a file here and a row of the table in jobs.c. */
#ifndef POTTO_COLLECTOR_JOBS_JOBS_H
#define POTTO_COLLECTOR_JOBS_JOBS_H

#include "collector/daemon.h"
#include "store/jobs/job.h"

enum { JOB_LEASE_S = 30 /* a killed collector's job goes to another after this */ };

/* One job that this thread has the lease of. */
struct job_run {
    struct daemon *daemon;
    struct store *store;
    struct arena *arena;
    const struct job_lease *job;
};

/* STATUS_OK: *out_end says how the job ended. Anything else is the store's failure, or the order to stop: another run
 * tries again. What lasts renews the lease by store_job_progress. */
typedef enum status job_kind_run(const struct job_run *run, struct job_end *out_end, struct error *error);

job_kind_run job_connection_test; /* reaches the database, and says what is missing there */

#endif
