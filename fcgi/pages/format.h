/* Numbers, durations and times in a readable form. Pure. A no-break space stands between a number and its unit, so a
 * table never splits them. */
#ifndef POTTO_FCGI_PAGES_FORMAT_H
#define POTTO_FCGI_PAGES_FORMAT_H

#include <stdint.h>

enum { FORMAT_BYTES = 40 }; /* room for any of these texts, with its NUL */

/* Each writes into `out` and returns it. A value that is not finite is "–". */
char *format_duration(double duration_ms, char out[FORMAT_BYTES]); /* "87 µs", "340 ms", "1.2 s", "14 min", "3.5 h" */
char *format_count(double count, char out[FORMAT_BYTES]);          /* "0", "412", "9,412", "14.3 k", "2.1 M" */
char *format_bytes(double bytes, char out[FORMAT_BYTES]);          /* "412 B", "14.3 kB", "2.1 GB"; powers of 1000 */
char *format_rate(double per_second, char out[FORMAT_BYTES]); /* "2.4/h", "0.020/s", "0.25/s", "3.1/s", "14.3 k/s" */
/* The label of a mark on an axis that ends at `top_per_second`: no two of its four marks have one label. */
char *format_rate_mark(double per_second, double top_per_second, char out[FORMAT_BYTES]);
/* A mean of things that are counted: "0", "< 0.01", "0.25", "3.1", "47", "14.3 k". */
char *format_mean(double count, char out[FORMAT_BYTES]);
/* The same on an axis that ends at `top`. */
char *format_mean_mark(double count, double top, char out[FORMAT_BYTES]);
char *format_share(double share, char out[FORMAT_BYTES]); /* 0..1: "< 0.1 %", "3.4 %", "47 %" */
/* Growth from `before` to `now`: "+12 %", "-3 %", "±0 %"; "x 3.2" if it at least doubled; "" if `before` is 0. */
char *format_change(double before, double now, char out[FORMAT_BYTES]);

/* The time before `now_us`: "just now", "40 s ago", "3 min ago", "5 h ago", "2 d ago"; INT64_MIN: "never". */
char *format_ago(int64_t time_us, int64_t now_us, char out[FORMAT_BYTES]);
/* A length of time: "5 min", "1 h", "24 h", "7 d". */
char *format_span(int64_t span_s, char out[FORMAT_BYTES]);
/* UTC: "20 Nov 22:51"; with the year if the time is more than half a year away. */
char *format_time(int64_t time_us, int64_t now_us, char out[FORMAT_BYTES]);
char *format_time_exact(int64_t time_us, char out[FORMAT_BYTES]); /* "2026-11-20 22:51:09 UTC" */
/* For <input type="datetime-local">: "2026-11-20T22:51". */
char *format_time_input(int64_t time_us, char out[FORMAT_BYTES]);
/* A mark on a time axis: "22:51" if marks are closer than a day, else "20 Nov". */
char *format_time_mark(int64_t time_us, int64_t step_us, char out[FORMAT_BYTES]);

#endif
