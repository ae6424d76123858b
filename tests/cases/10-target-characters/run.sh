#!/bin/bash
# CS=/path/to/countersign tests/cases/10-target-characters/run.sh
# Prints "right" and ends with 0, or "wrong" and 1.
set -eu
CS=$(realpath "${CS:?path of the countersign program}")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
started=()
trap 'kill "${started[@]}" 2>/dev/null; wait; rm -r "$work"' EXIT
cd "$work"
unused_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
until_open() { until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do sleep 0.1; done; }

openssl genpkey -algorithm RSA -out private.pem 2>/dev/null
openssl pkey -in private.pem -pubout -out platform.pem
listener=$(unused_port)
sed "s/@LISTENER@/$listener/" "$here/c.toml" >c.toml
"$CS" -c c.toml >access.log 2>error.log & started+=($!)
until_open "$listener"

body='{"order":"A-1","status":"paid"}'
time=$(date +%s)
sign=$(printf '%s\n%s\n' "$time" "$body" | openssl dgst -sha256 -sign private.pem | base64 -w0)
python3 "$here/send.py" "$listener" "$time" "$sign" "$body" && right=1 || right=0
# Refused, and told with its target and place.
printf 'POST /cb?a b HTTP/1.1\r\nHost: pay.example.com\r\n\r\n' >/dev/tcp/127.0.0.1/"$listener"
until grep -q 'reason=request_malformed' access.log; do sleep 0.1; done
grep 'reason=request_malformed' access.log
grep -q '"POST /cb?a b HTTP/1.1" 400 host=pay.example.com .* at=target:5' access.log || right=0
if [ $right = 1 ]; then
    echo right
else
    cat access.log error.log
    echo wrong
    exit 1
fi
