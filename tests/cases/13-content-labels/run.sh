#!/bin/bash
# CS=/path/to/countersign tests/cases/13-content-labels/run.sh
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
time=$(date +%s)
# The body in a file, with a Content-Type and another header.
status() {
    local sign
    sign=$( (printf '%s\n' "$time"; cat "$1"; echo) | sign)
    curl -s -o answer -w '%{http_code}' -H "T-Time: $time" -H "T-Sign: $sign" -H "Content-Type: $2" -H "$3" \
        --data-binary "@$1" "http://127.0.0.1:$listener/cb" || true
}
printf '{"order":"A-1","status":"paid"}' >json
printf '<xml><memo>\xd6\xa7\xb8\xb6</memo></xml>' >xml
a=$(status json application/json 'Content-Encoding: UTF-8')
grep -qi content-encoding answer && a="$a, but the backend gets the header"
b=$(status xml 'text/xml; charset=GBK' 'X-A: b')
c=$(status xml 'text/xml; charset=UTF-8' 'X-A: b')
d=$(status json application/json 'Content-Encoding: gzip')
echo "(a) $a, gzip $d; (b) $b, as UTF-8 $c"
[ "$a $b $c $d" = '200 200 400 400' ] && right=1 || right=0
if [ $right = 1 ]; then
    echo right
else
    cat access.log error.log
    echo wrong
    exit 1
fi
