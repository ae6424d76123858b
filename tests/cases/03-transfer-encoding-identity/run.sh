#!/bin/bash
# CS=/path/to/countersign tests/cases/03-transfer-encoding-identity/run.sh
# Prints "right" and ends with 0, or "wrong" and 1.
set -eu
CS=$(realpath "${CS:?path of the countersign program}")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
started=()
trap 'kill "${started[@]}" 2>/dev/null; wait; rm -r "$work"' EXIT
cd "$work"

openssl genpkey -algorithm RSA -out private.pem 2>/dev/null
openssl pkey -in private.pem -pubout -out platform.pem
python3 "$here/backend.py" backend.port & started+=($!)
until [ -s backend.port ]; do sleep 0.1; done
listener=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
sed "s/@LISTENER@/$listener/; s/@BACKEND@/$(cat backend.port)/" "$here/countersign.toml" >countersign.toml
"$CS" -c countersign.toml >access.log 2>error.log & started+=($!)
until (exec 3<>"/dev/tcp/127.0.0.1/$listener") 2>/dev/null; do sleep 0.1; done

body='{"order":"A-1","status":"paid"}'
time=$(date +%s)
sign=$(printf '%s\n%s\n' "$time" "$body" | openssl dgst -sha256 -sign private.pem | base64 -w0)
status=$(curl -s -o answer -w '%{http_code}' --max-time 8 -H 'Content-Type: application/json' \
    -H "T-Time: $time" -H "T-Sign: $sign" -d "$body" "http://127.0.0.1:$listener/cb") || true
echo "status $status, body \"$(cat answer)\""
# Held until the read timeout, it would break off.
if [ "$status" = 200 ] && [ "$(cat answer)" = success ] && ! grep -q ' error ' error.log; then
    echo right
else
    cat error.log
    echo wrong
    exit 1
fi
