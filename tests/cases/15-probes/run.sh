#!/bin/bash
# CS=/path/to/countersign tests/cases/15-probes/run.sh
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
right=1
expect() {
    echo "$1: $2"
    [ "$2" = "$3" ] || right=0
}
callback() {
    curl -s -o /dev/null -w '%{http_code}' --max-time 8 -H 'Content-Type: application/json' -H "T-Time: $time" \
        -H "T-Sign: $sign" -d "$body" "http://127.0.0.1:$1/cb" || true
}
expect "GET of the load balancer" "$(curl -s "http://127.0.0.1:$listener/healthz")" ok
# As HAProxy's `option httpchk OPTIONS /healthz` does, without a Host.
exec 3<>"/dev/tcp/127.0.0.1/$listener"
printf 'OPTIONS /healthz HTTP/1.0\r\n\r\n' >&3
read -r _ status _ <&3
exec 3<&-
expect "OPTIONS of the load balancer" "$status" 200
expect "GET of the platform" "$(curl -s "http://127.0.0.1:$listener/cb")" ok
expect "callback" "$(callback "$listener")" 200
if command -v haproxy >/dev/null; then
    front=$(unused_port)
    sed "s/@LISTENER@/$listener/; s/@FRONT@/$front/" "$here/haproxy.cfg" >haproxy.cfg
    haproxy -db -f haproxy.cfg >/dev/null 2>&1 & started+=($!)
    until_open "$front"
    # Long enough for three failed checks, after which HAProxy takes a server out.
    sleep 2
    expect "callback through HAProxy" "$(callback "$front")" 200
fi
expect "lines of health checks in the access log" "$(grep -c healthz access.log || true)" 0
if [ $right = 1 ]; then
    echo right
else
    cat access.log error.log
    echo wrong
    exit 1
fi
