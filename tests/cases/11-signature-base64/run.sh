#!/bin/bash
# CS=/path/to/countersign tests/cases/11-signature-base64/run.sh
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
listener=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
sed "s/@LISTENER@/$listener/" "$here/c.toml" >c.toml
"$CS" -c c.toml >access.log 2>error.log & started+=($!)
until (exec 3<>"/dev/tcp/127.0.0.1/$listener") 2>/dev/null; do sleep 0.1; done

sign() { openssl dgst -sha256 -sign private.pem | base64 -w0; }
strict=$(printf 'order=A-1&status=paid' | sign)
lines=$(printf '%s' "$strict" | fold -w76 | sed ':a;N;$!ba;s/\n/\\r\\n/g')
right=1
for form in "$strict" "$lines" "${strict%%=*}" "$(printf '%s' "$strict" | tr '+/' '-_')"; do
    status=$(curl -s -o answer -w '%{http_code}' -H 'Content-Type: application/json' \
        -d '{"order":"A-1","status":"paid","sign":"'"$form"'"}' "http://127.0.0.1:$listener/cb") || true
    echo "$status for ${form:0:80}..."
    [ "$status" = 200 ] || right=0
done
if [ $right = 1 ]; then
    echo right
else
    cat access.log error.log
    echo wrong
    exit 1
fi
