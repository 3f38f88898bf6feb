/* The table of who is served; see crowd.h. */
#include "fcgi/request/crowd.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "base/clock.h"

enum {
    LOCK_MAX_US = 10 * 1000,
    LOOK_AGAIN_US = 2000,
    SEVERAL_S = 600, /* an organization counts as served for so long */
};

enum place_state { PLACE_FREE, PLACE_COUNTS, PLACE_HURRIES, PLACE_WAITS };

/* All members but `state` are written with the mutex held. */
struct place {
    _Atomic int state; /* enum place_state */
    _Atomic int kind;  /* enum crowd_kind */
    _Atomic int64_t id, organization_id;
    _Atomic int64_t since_us; /* monotonic */
};

struct crowd {
    pthread_mutex_t mutex;
    size_t count;
    _Atomic int64_t last_organization_id; /* that was served; 0: none */
    _Atomic int64_t several_until_us;     /* until then there is more than one organization */
    struct place places[];
};

static struct crowd *crowd;
static struct place *own;

void crowd_create(size_t worker_count)
{
    pthread_mutexattr_t attributes;
    size_t size = sizeof *crowd + worker_count * sizeof crowd->places[0];

    crowd = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (crowd == MAP_FAILED)
        abort();
    crowd->count = worker_count;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&crowd->mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
}

void crowd_use_slot(size_t slot)
{
    own = slot < crowd->count ? &crowd->places[slot] : NULL;
}

void crowd_clear(size_t slot)
{
    if (slot < crowd->count)
        crowd->places[slot].state = PLACE_FREE;
}

void crowd_leave(void)
{
    if (own != NULL)
        own->state = PLACE_FREE;
}

/* False: somebody holds the mutex for long, as a stopped process would. Then the table is used without it, and a
 * request too many may run. */
static bool lock(void)
{
    struct timespec until;
    int failure;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += LOCK_MAX_US * 1000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    failure = pthread_mutex_clocklock(&crowd->mutex, CLOCK_MONOTONIC, &until);
    /* The places are sound at any time, also when their writer died within. */
    if (failure == EOWNERDEAD)
        pthread_mutex_consistent(&crowd->mutex);
    return failure == 0 || failure == EOWNERDEAD;
}

static size_t bound_of(size_t chosen, size_t usual)
{
    size_t max = usual < crowd->count ? usual : crowd->count - 1;

    if (chosen > 0)
        return chosen;
    return max > 0 ? max : 1;
}

/* Places of others, of one caller or organization. */
struct tally {
    size_t running, slow;
};

static void count_in(struct tally *tally, const struct place *place, int64_t now_us)
{
    tally->running++;
    tally->slow += now_us - place->since_us >= CROWD_QUICK_US;
}

static bool are_several(int64_t organization_id, int64_t now_us)
{
    if (organization_id == 0)
        return false;
    if (crowd->last_organization_id != 0 && crowd->last_organization_id != organization_id)
        crowd->several_until_us = now_us + SEVERAL_S * CLOCK_SECOND_US;
    crowd->last_organization_id = organization_id;
    return now_us < crowd->several_until_us;
}

static bool is_another_free(void)
{
    for (size_t i = 0; i < crowd->count; i++)
        if (&crowd->places[i] != own && crowd->places[i].state == PLACE_FREE)
            return true;
    return false;
}

/* Over a bound, a request may hurry if a place may be free in a moment, or if it leaves a worker to others. */
static struct crowd_answer judge(const struct crowd_caller *caller, const struct crowd_bounds *bounds, int64_t now_us)
{
    size_t caller_max = bound_of(bounds->caller_max, (crowd->count + 1) / 2);
    size_t organization_max = bound_of(bounds->organization_max, crowd->count * 3 / 4);
    struct tally mine = {0}, ours = {0}, *over;
    bool are_slow;

    for (size_t i = 0; i < crowd->count; i++) {
        const struct place *place = &crowd->places[i];

        if (place == own || place->state != PLACE_COUNTS)
            continue;
        if (place->kind == (int)caller->kind && place->id == caller->id)
            count_in(&mine, place, now_us);
        if (place->organization_id == caller->organization_id)
            count_in(&ours, place, now_us);
    }
    if (!are_several(caller->organization_id, now_us))
        ours = (struct tally){0};
    if (mine.running < caller_max && ours.running < organization_max)
        return (struct crowd_answer){.verdict = CROWD_RUN};
    over = mine.running >= caller_max ? &mine : &ours;
    are_slow = over->slow >= (over == &mine ? caller_max : organization_max);
    return (struct crowd_answer){
        .verdict = are_slow && !is_another_free() ? CROWD_REFUSE : CROWD_HURRY,
        .is_organization = over == &ours,
        .running = over->running,
    };
}

static void take(const struct crowd_caller *caller, enum place_state state, int64_t now_us)
{
    own->kind = (int)caller->kind;
    own->id = caller->id;
    own->organization_id = caller->organization_id;
    own->since_us = now_us;
    own->state = (int)state;
}

static struct crowd_answer ask(const struct crowd_caller *caller, const struct crowd_bounds *bounds, bool can_hurry)
{
    int64_t now_us = clock_monotonic_us();
    bool is_locked = lock();
    struct crowd_answer answer = judge(caller, bounds, now_us);

    if (answer.verdict == CROWD_RUN)
        take(caller, PLACE_COUNTS, now_us);
    else if (answer.verdict == CROWD_HURRY)
        take(caller, can_hurry ? PLACE_HURRIES : PLACE_WAITS, now_us);
    if (is_locked)
        pthread_mutex_unlock(&crowd->mutex);
    return answer;
}

struct crowd_answer crowd_enter(const struct crowd_caller *caller, const struct crowd_bounds *bounds, bool can_hurry)
{
    struct crowd_answer answer = {.verdict = CROWD_RUN};
    int64_t until_us = clock_monotonic_us() + CROWD_QUICK_US;

    if (own == NULL)
        return answer;
    answer = ask(caller, bounds, can_hurry);
    if (can_hurry)
        return answer;
    while (answer.verdict == CROWD_HURRY && is_another_free() && clock_monotonic_us() < until_us) {
        nanosleep(&(struct timespec){.tv_nsec = LOOK_AGAIN_US * 1000L}, NULL);
        answer = ask(caller, bounds, false);
    }
    if (answer.verdict == CROWD_HURRY)
        answer.verdict = CROWD_REFUSE;
    if (answer.verdict == CROWD_REFUSE)
        crowd_leave();
    return answer;
}
