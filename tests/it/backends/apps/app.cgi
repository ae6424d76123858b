#!/usr/bin/python3 -SEs
# Writes what Apache made of each request, as a CGI program sees it, as a line of JSON into a file.
import json
import os
import sys


# Each byte as a character, as the other backends show it.
def text(name):
    return os.environb.get(name, b"").decode("latin-1")


body = sys.stdin.buffer.read()
seen = {
    "method": text(b"REQUEST_METHOD"),
    "target": text(b"REQUEST_URI"),
    "path": text(b"SCRIPT_NAME") + text(b"PATH_INFO"),
    "body": body.decode("latin-1"),
    "read": [
        ["$" + name.decode("latin-1"), text(name)]
        for name in os.environb
        if name.startswith(b"HTTP_")
    ],
}
with open(os.path.join(os.path.dirname(os.environ["SCRIPT_FILENAME"]), "seen"), "a") as file:
    file.write(json.dumps(seen) + "\n")
sys.stdout.write("Content-Type: text/plain\r\nContent-Length: 3\r\n\r\nok\n")
