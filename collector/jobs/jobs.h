/* Jobs: work that a request started but cannot wait for. Each kind is a file here and a row of the table in jobs.c. */
#ifndef POTTO_COLLECTOR_JOBS_JOBS_H
#define POTTO_COLLECTOR_JOBS_JOBS_H

#include "collector/daemon.h"
#include "store/jobs/job.h"

enum { JOB_LEASE_S = 30 /* a killed collector's job goes to another after this */ };

/* A job whose lease this thread has. */
struct job_run {
    struct daemon *daemon;
    struct store *store;
    struct arena *arena;
    const struct job_lease *job;
};

/* Run the job. STATUS_OK: *out_end tells how it ended. Any other status means that the store failed or the collector
 * stops; another run tries again. A long job renews its lease by store_job_progress. */
typedef enum status job_kind_run(const struct job_run *run, struct job_end *out_end, struct error *error);

job_kind_run job_connection_test; /* connects to the database and tells what is missing there */

#endif
