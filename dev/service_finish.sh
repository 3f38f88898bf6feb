#!/bin/bash
# runit runs this when the program of a service has ended; dev/up copies it to STATE/service/NAME/finish. $1 is the exit
# status, -1 after a signal, which is $2 then. The program starts again when this script ends, but not within a second
# of its last start: at once if it lived for 2 seconds or was made to end, else after 1, 2, 4, … 30 seconds, or as soon
# as `down` or `hurry` is there.
umask 027
name=${PWD##*/} run=${PWD%/service/*}/run
end="exit status $1"
[ "$1" != -1 ] || end="signal $2"
printf '%s %s\n' "$(date +%FT%T)" "$end" >>"$run/$name.ended"
# At most 100 lines.
[ "$(wc -l <"$run/$name.ended")" -le 100 ] || sed -i 1,50d "$run/$name.ended"
if [ $(($(date +%s) - $(stat -c %Y "$run/$name.pid"))) -ge 2 ]; then
    rm -f backoff
    exit 0
fi
case $1:$2 in
0:* | -1:2 | -1:3 | -1:9 | -1:15) exit 0 ;; # told to stop, or killed: the program itself may be sound
esac
wait_s=$(cat backoff 2>/dev/null || echo 1)
echo $((wait_s < 15 ? 2 * wait_s : 30)) >backoff
for ((i = 0; i < 5 * wait_s; i++)); do
    if [ -e down ] || [ -e hurry ]; then break; fi
    sleep 0.2
done
