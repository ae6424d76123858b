#!/bin/bash
# CS=/path/to/countersign tests/cases/02-alpn-http-1.0/run.sh
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
openssl req -x509 -newkey rsa:2048 -nodes -keyout front.key -out front.crt -days 30 -subj /CN=pay.example.com \
    -addext subjectAltName=DNS:pay.example.com 2>/dev/null
chmod 600 front.key
listener=$(unused_port)
sed "s/@LISTENER@/$listener/" "$here/c.toml" >c.toml
"$CS" -c c.toml >access.log 2>error.log & started+=($!)
until_open "$listener"

body='{"order":"A-1","status":"paid"}'
time=$(date +%s)
sign=$(printf '%s\n%s\n' "$time" "$body" | openssl dgst -sha256 -sign private.pem | base64 -w0)
printf 'POST /cb HTTP/1.0\r\nHost: pay.example.com\r\nContent-Type: application/json\r\n' >request
printf 'T-Time: %s\r\nT-Sign: %s\r\nContent-Length: %s\r\n\r\n%s' "$time" "$sign" "${#body}" "$body" >>request
# OpenSSL offers exactly this, whatever curl is installed.
timeout 8 openssl s_client -quiet -connect "127.0.0.1:$listener" -alpn http/1.0 <request >answer 2>handshake || true
status=$(head -1 answer | cut -d' ' -f2)
echo "status ${status:-none}"
if [ "$status" = 200 ]; then
    echo right
else
    cat handshake access.log error.log
    echo wrong
    exit 1
fi
