/* FastCGI records of an answer; see answer_write.h. Their layout follows sections 3.3 and 5.3 to 5.5 of the FastCGI 1.0
 * specification. */
#include "fcgi/request/answer_write.h"

#include <errno.h>
#include <fastcgi.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/clock.h"

enum {
    RECORD_BYTES_MAX = 65528, /* the largest content that needs no padding */
    IOV_MAX_USED = 64,
    HEAD_BYTES_MAX = RESPONSE_HEADERS_BYTES_MAX + 512,
};

static void fill_header(FCGI_Header *header, int type, int request_id, size_t content_bytes)
{
    *header = (FCGI_Header){
        .version = FCGI_VERSION_1,
        .type = (unsigned char)type,
        .requestIdB1 = (unsigned char)(request_id >> 8),
        .requestIdB0 = (unsigned char)request_id,
        .contentLengthB1 = (unsigned char)(content_bytes >> 8),
        .contentLengthB0 = (unsigned char)content_bytes,
    };
}

/* Wait until the peer has read something. */
static bool await_room(int fd, int64_t until_us)
{
    struct pollfd peer = {.fd = fd, .events = POLLOUT};
    int64_t left_us = until_us - clock_monotonic_us();

    return left_us > 0 && (poll(&peer, 1, (int)(left_us / 1000 + 1)) >= 0 || errno == EINTR);
}

/* Call sendmsg until everything is sent. `parts` is changed on the way. */
static bool send_all(int fd, struct iovec *parts, size_t count, int64_t until_us)
{
    while (count > 0) {
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
        ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (sent < 0 && (errno == EINTR || (errno == EAGAIN && await_room(fd, until_us))))
            continue;
        if (sent < 0)
            return false;
        while (count > 0 && (size_t)sent >= parts->iov_len) {
            sent -= (ssize_t)parts->iov_len;
            parts++;
            count--;
        }
        if (count > 0) {
            parts->iov_base = (char *)parts->iov_base + sent;
            parts->iov_len -= (size_t)sent;
        }
    }
    return true;
}

static bool has_header(const struct response *response, const char *name)
{
    return response->headers.size_bytes > 0 &&
           memmem(response->headers.data, response->headers.size_bytes, name, strlen(name)) != NULL;
}

static const char *reason(int code)
{
    static const struct {
        int code;
        const char *reason;
    } successes[] = {{200, "OK"},         {201, "Created"},   {202, "Accepted"},
                     {204, "No Content"}, {303, "See Other"}, {304, "Not Modified"}};

    for (size_t i = 0; i < sizeof successes / sizeof successes[0]; i++)
        if (successes[i].code == code)
            return successes[i].reason;
    for (int status = STATUS_OK + 1; status < STATUS_COUNT; status++)
        if (status_http_code((enum status)status) == code)
            return status_title((enum status)status);
    return "Unknown";
}

static size_t write_head(char *head, const struct request *request, const struct response *response)
{
    int size = snprintf(head, HEAD_BYTES_MAX, "Status: %d %s\r\n", response->code, reason(response->code));

    if (response->content_type != NULL)
        size += snprintf(head + size, (size_t)(HEAD_BYTES_MAX - size), "Content-Type: %s\r\n", response->content_type);
    if (response->code != 304)
        size += snprintf(head + size, (size_t)(HEAD_BYTES_MAX - size), "Content-Length: %zu\r\n",
                         response->body.size_bytes);
    /* An answer is made for one caller, so no cache may keep it unless the handler says otherwise. */
    if (!has_header(response, "Cache-Control:"))
        size += snprintf(head + size, (size_t)(HEAD_BYTES_MAX - size), "Cache-Control: no-store\r\n");
    size += snprintf(head + size, (size_t)(HEAD_BYTES_MAX - size), "X-Request-Id: %s\r\n", request->id);
    if (response->headers.size_bytes > 0)
        memcpy(head + size, response->headers.data, response->headers.size_bytes);
    size += (int)response->headers.size_bytes;
    memcpy(head + size, "\r\n", 2);
    return (size_t)size + 2;
}

bool answer_write(int fd, int request_id, const struct request *request, const struct response *response,
                  int64_t until_us)
{
    char head[HEAD_BYTES_MAX];
    size_t head_bytes = write_head(head, request, response);
    size_t body_bytes = request->is_head ? 0 : response->body.size_bytes;
    size_t sent_bytes = 0, first_bytes;
    FCGI_Header headers[IOV_MAX_USED / 2];
    struct iovec parts[IOV_MAX_USED + 4];
    size_t record_count = 0, part_count = 0;
    struct {
        FCGI_Header out_end;
        FCGI_EndRequestRecord request_end;
    } end;

    /* The first record holds the head, and as much of the body as fits. */
    first_bytes = body_bytes < RECORD_BYTES_MAX - head_bytes ? body_bytes : RECORD_BYTES_MAX - head_bytes;
    fill_header(&headers[0], FCGI_STDOUT, request_id, head_bytes + first_bytes);
    parts[part_count++] = (struct iovec){&headers[record_count++], sizeof headers[0]};
    parts[part_count++] = (struct iovec){head, head_bytes};
    parts[part_count++] = (struct iovec){response->body.data, first_bytes};
    sent_bytes = first_bytes;
    while (sent_bytes < body_bytes) {
        size_t bytes = body_bytes - sent_bytes < RECORD_BYTES_MAX ? body_bytes - sent_bytes : RECORD_BYTES_MAX;

        if (part_count + 3 > IOV_MAX_USED || record_count == sizeof headers / sizeof headers[0]) {
            if (!send_all(fd, parts, part_count, until_us))
                return false;
            part_count = record_count = 0;
        }
        fill_header(&headers[record_count], FCGI_STDOUT, request_id, bytes);
        parts[part_count++] = (struct iovec){&headers[record_count++], sizeof headers[0]};
        parts[part_count++] = (struct iovec){response->body.data + sent_bytes, bytes};
        sent_bytes += bytes;
    }
    memset(&end, 0, sizeof end);
    fill_header(&end.out_end, FCGI_STDOUT, request_id, 0);
    fill_header(&end.request_end.header, FCGI_END_REQUEST, request_id, sizeof end.request_end.body);
    end.request_end.body.protocolStatus = FCGI_REQUEST_COMPLETE;
    parts[part_count++] = (struct iovec){&end, sizeof end};
    return send_all(fd, parts, part_count, until_us);
}
