#!/bin/bash
# CS=/path/to/countersign tests/cases/01-upgrade-tls/run.sh
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
for offer in TLS/1.2 HTTP/2.0 'h2, h2c' websocket; do
    status=$(curl -s -o answer -w '%{http_code}' --max-time 8 -H 'Content-Type: application/json' \
        -H "T-Time: $time" -H "T-Sign: $sign" -H 'Connection: Upgrade' -H "Upgrade: $offer" \
        -d "$body" "http://127.0.0.1:$listener/cb") || true
    echo "Upgrade: $offer: status $status"
    [ "$status" = 200 ] || right=0
    # The echo shows what a backend gets.
    ! grep -iq '\["upgrade"' answer || { echo "forwarded"; right=0; }
done
if [ $right = 1 ]; then
    echo right
else
    cat access.log error.log
    echo wrong
    exit 1
fi
