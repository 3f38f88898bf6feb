/* Bounds of requests at once; see admission.h. */
#include "fcgi/request/admission.h"

#include <stdio.h>
#include <xxhash.h>

#include "auth/throttle.h"
#include "base/clock.h"
#include "fcgi/request/metrics.h"

enum { RETRY_AFTER_S = 1 };

/* False: the request is not counted. */
static bool find_caller(const struct request *request, const struct scope *scope, struct crowd_caller *out_caller)
{
    struct crowd_caller caller = {0};

    if (scope != NULL) {
        caller.organization_id = scope_organization_id(scope);
        caller.id = scope_user_id(scope);
        caller.kind = CROWD_USER;
        if (scope_connection_id(scope) != 0) {
            caller.id = scope_connection_id(scope);
            caller.kind = CROWD_AGENT;
        }
    } else if (request->method != METHOD_GET) {
        struct text network = throttle_network(request->remote_address, request->arena);

        /* Two networks with the same hash would share their bound, and nothing else. */
        caller.id = (int64_t)XXH3_64bits(network.data, network.size);
        caller.kind = CROWD_NETWORK;
    }
    *out_caller = caller;
    return caller.kind != CROWD_UNSET;
}

/* "You have 2 requests running" */
static void say_running(const struct request *request, char *out, size_t size_bytes)
{
    static const char *const subjects[] = {"You have", "You have", "This agent has", "Your network has"};
    const char *subject = request->crowd.is_organization ? "Your organization has" : subjects[request->crowd_kind];
    size_t count = request->crowd.running;

    snprintf(out, size_bytes, "%s %zu request%s running", subject, count, count == 1 ? "" : "s");
}

static enum status refuse(const struct request *request, const char *consequence, struct error *error)
{
    char running[64];

    metrics_count_crowded();
    say_running(request, running, sizeof running);
    error_set(error, STATUS_THROTTLED, "%s; %s. Try again in a second.", running, consequence);
    if (error != NULL)
        error->retry_after_s = RETRY_AFTER_S;
    return STATUS_THROTTLED;
}

enum status admission_check(struct request *request, const struct scope *scope, struct error *error)
{
    const struct crowd_bounds bounds = {
        .caller_max = (size_t)request->config->requests_per_caller,
        .organization_max = (size_t)request->config->requests_per_organization,
    };
    struct crowd_caller caller;

    if (!find_caller(request, scope, &caller))
        return STATUS_OK;
    request->crowd_kind = caller.kind;
    request->crowd = crowd_enter(&caller, &bounds, scope != NULL && request->method == METHOD_GET);
    return request->crowd.verdict == CROWD_REFUSE ? refuse(request, "this one was not begun", error) : STATUS_OK;
}

void admission_hurry(const struct request *request)
{
    if (request->crowd.verdict == CROWD_HURRY)
        store_hurry(request->store, clock_monotonic_us() + CROWD_QUICK_US);
}

enum status admission_outcome(const struct request *request, enum status status, struct error *error)
{
    if (request->crowd.verdict != CROWD_HURRY || status != STATUS_TIMEOUT)
        return status;
    return refuse(request, "this one takes long and was ended", error);
}
