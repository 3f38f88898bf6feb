/* How a look ends, by lib/child against a stand-in of potto-target: this program itself, started with a control socket.
 * Its children do what the host of the request says. */
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "child/child.h"
#include "child/exit.h"
#include "child/message.h"
#include "tests/unit/arena_fixture.h"

enum { LONG_MS = 30000, SHORT_MS = 200, LOOKS = 20 };

/* ---- the stand-in ---- */

static void say(const void *data, size_t size)
{
    if (write(CHILD_CONTROL_FD, data, size) != (ssize_t)size)
        _exit(99);
}

static void answer(void)
{
    const struct probe_result result = {.is_reachable = true, .problem = "", .remedy = "", .user = TEXT("somebody")};
    struct buffer buffer;

    buffer_init(&buffer, MESSAGE_BYTES_MAX);
    message_pack_probed(&result, arena_new(0), &buffer);
    say(buffer.data, buffer.size_bytes);
    _exit(CHILD_EXIT_ANSWERED);
}

/* The host is a list of words: "confined" sends that byte, a number exits with it. */
static _Noreturn void do_as_told(struct text words)
{
    const char confined = CHILD_CONFINED;
    int64_t code = 98;

    for (struct text word; text_split(&words, ' ', &word);) {
        if (text_equal(word, TEXT("confined")))
            say(&confined, sizeof confined);
        else if (text_equal(word, TEXT("answer")))
            answer();
        else if (text_equal(word, TEXT("garbage")))
            say("garbage", 7);
        else if (text_equal(word, TEXT("killed")))
            raise(SIGKILL);
        else if (text_equal(word, TEXT("wait")))
            pause();
        else if (text_to_int64(word, &code))
            break;
    }
    _exit((int)code);
}

static _Noreturn void serve(void)
{
    static char bytes[64 * 1024];
    struct message_request request;
    size_t size = 0;
    ssize_t got;

    while ((got = read(CHILD_CONTROL_FD, bytes + size, sizeof bytes - size)) > 0)
        size += (size_t)got;
    if (!message_unpack_request((struct text){bytes, size}, arena_new(0), &request))
        _exit(97);
    do_as_told(text_of(request.options.host));
}

/* -1: no more come. */
static int next_socket(void)
{
    _Alignas(struct cmsghdr) char rights[CMSG_SPACE(sizeof(int))];
    char byte;
    struct iovec payload = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {.msg_iov = &payload, .msg_iovlen = 1};
    int fd;

    message.msg_control = rights;
    message.msg_controllen = sizeof rights;
    if (recvmsg(CHILD_CONTROL_FD, &message, MSG_CMSG_CLOEXEC) <= 0 || CMSG_FIRSTHDR(&message) == NULL)
        return -1;
    memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
    return fd;
}

static _Noreturn void stand_in(void)
{
    for (int fd; (fd = next_socket()) >= 0; close(fd)) {
        pid_t pid = (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);

        if (pid == 0) {
            dup2(fd, CHILD_CONTROL_FD);
            close(fd);
            serve();
        }
        if (write(fd, &pid, sizeof pid) != (ssize_t)sizeof pid)
            _exit(1);
    }
    _exit(0);
}

static bool is_stand_in(void)
{
    int type = 0;
    socklen_t size = sizeof type;

    return getsockopt(CHILD_CONTROL_FD, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

/* ---- looks ---- */

static struct target_options options_of(const char *host)
{
    return (struct target_options){.engine = "postgresql", .host = host, .username = "somebody", .tls_mode = "disable"};
}

static enum child_end look(struct child_spawner *spawner, const char *host, int max_ms, struct probe_result *result)
{
    const struct target_options options = options_of(host);

    return child_probe(spawner, &options, 1, max_ms, arena, result);
}

static void each_end_of_a_child_is_told(void **state)
{
    static const struct {
        const char *host, *problem;
        enum child_end end;
        int max_ms;
    } cases[] = {
        {"confined answer", "", CHILD_ANSWERED, LONG_MS},
        {"answer", "breaks Potto's rules", CHILD_GARBLED, LONG_MS},
        {"confined garbage 0", "breaks Potto's rules", CHILD_GARBLED, LONG_MS},
        {"confined 0", "breaks Potto's rules", CHILD_GARBLED, LONG_MS},
        {"0", "breaks Potto's rules", CHILD_GARBLED, LONG_MS},
        {"confined 7", "ended without an answer", CHILD_QUIT, LONG_MS},
        {"confined garbage 7", "ended without an answer", CHILD_QUIT, LONG_MS},
        {"confined killed", "died (signal 9)", CHILD_DIED, LONG_MS},
        {"confined 40", "more than 256 MB", CHILD_MEMORY, LONG_MS},
        {"confined 41", "more than 64 MB", CHILD_TOO_LARGE, LONG_MS},
        {"confined 44", "signing in", CHILD_SIGN_IN, LONG_MS},
        {"confined wait", "took longer", CHILD_DEADLINE, SHORT_MS},
        {"42", "did not understand", CHILD_REFUSED, LONG_MS},
        {"43", "could not start", CHILD_ABSENT, LONG_MS},
    };
    struct child_spawner *spawner = child_spawner_new("/proc/self/exe");

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct probe_result result = {0};

        assert_int_equal(look(spawner, cases[i].host, cases[i].max_ms, &result), cases[i].end);
        assert_non_null(strstr(result.problem, cases[i].problem));
        assert_int_equal(result.is_reachable, cases[i].end == CHILD_ANSWERED);
    }
    child_spawner_destroy(spawner);
}

/* Whoever takes a child over could otherwise make the collector's threads wait as for a fault of their own machine. */
static void a_confined_child_cannot_blame_potto(void **state)
{
    struct child_spawner *spawner = child_spawner_new("/proc/self/exe");
    struct probe_result result;

    (void)state;
    assert_int_equal(look(spawner, "confined 43", LONG_MS, &result), CHILD_QUIT);
    assert_int_equal(look(spawner, "confined 42", LONG_MS, &result), CHILD_QUIT);
    child_spawner_destroy(spawner);
}

static void why_there_is_no_child_is_told(void **state)
{
    static const struct {
        const char *program, *host, *detail;
    } cases[] = {
        {"/nonexistent/potto-target", "confined answer",
         "/nonexistent/potto-target cannot be started: No such file or directory"},
        {"/bin/true", "confined answer", "/bin/true made no child"},
        {"/proc/self/exe", "43", "the child could not confine itself"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct target_options options = options_of(cases[i].host);
        const struct collect_input input = {.target = &options};
        struct child_spawner *spawner = child_spawner_new(cases[i].program);
        struct collect_result result;

        assert_int_equal(child_collect(spawner, &input, LONG_MS, false, arena, &result), CHILD_ABSENT);
        assert_string_equal(result.problem, "Potto could not start the process that talks with this server.");
        assert_string_equal(result.detail, cases[i].detail);
        child_spawner_destroy(spawner);
    }
}

static size_t count_descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    size_t count = 0;

    assert_non_null(directory);
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count;
}

static void looks_leave_no_descriptor_and_no_process(void **state)
{
    static const char *const hosts[] = {"confined answer", "confined killed", "42", "confined garbage 0"};
    size_t before = count_descriptors();
    struct child_spawner *spawner = child_spawner_new("/proc/self/exe");
    struct probe_result result;

    (void)state;
    for (size_t i = 0; i < LOOKS; i++)
        look(spawner, hosts[i % (sizeof hosts / sizeof hosts[0])], LONG_MS, &result);
    child_spawner_destroy(spawner);
    assert_int_equal(count_descriptors(), before);
    assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_end_of_a_child_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_confined_child_cannot_blame_potto, set_up, tear_down),
        cmocka_unit_test_setup_teardown(why_there_is_no_child_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(looks_leave_no_descriptor_and_no_process, set_up, tear_down),
    };

    if (is_stand_in())
        stand_in();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
