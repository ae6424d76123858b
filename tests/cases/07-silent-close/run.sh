#!/bin/bash
# CS=/path/to/countersign [CALLBACKS=900] tests/cases/07-silent-close/run.sh
# Prints "right" and ends with 0, or "wrong" and 1.
set -eu
CS=$(realpath "${CS:?path of the countersign program}")
callbacks=${CALLBACKS:-900}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
started=()
trap 'kill "${started[@]}" 2>/dev/null; wait; rm -r "$work"' EXIT
cd "$work"

openssl genpkey -algorithm RSA -out private.pem 2>/dev/null
openssl pkey -in private.pem -pubout -out platform.pem
python3 "$here/backend.py" backend.port got & started+=($!)
until [ -s backend.port ]; do sleep 0.1; done
listener=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
sed "s/@LISTENER@/$listener/; s/@BACKEND@/$(cat backend.port)/" "$here/countersign.toml" >countersign.toml
"$CS" -c countersign.toml >access.log 2>error.log & started+=($!)
until (exec 3<>"/dev/tcp/127.0.0.1/$listener") 2>/dev/null; do sleep 0.1; done

body='{"order":"A-1","status":"paid"}'
time=$(date +%s)
sign=$(printf '%s\n%s\n' "$time" "$body" | openssl dgst -sha256 -sign private.pem | base64 -w0)
printf 'POST /cb HTTP/1.1\r\nHost: pay.example.com\r\nConnection: close\r\nContent-Type: application/json\r\nT-Time: %s\r\nT-Sign: %s\r\nContent-Length: %s\r\n\r\n%s' \
    "$time" "$sign" ${#body} "$body" >request
answered=0
python3 "$here/clients.py" "$listener" request "$callbacks" || answered=$?
kill -USR1 "${started[0]}"
until [ -s got ]; do sleep 0.1; done
echo "the backend got $(cat got) of $callbacks"
if [ "$answered" = 0 ] && [ "$(cat got)" = "$callbacks" ]; then
    echo right
else
    tail -n 5 error.log
    echo wrong
    exit 1
fi
