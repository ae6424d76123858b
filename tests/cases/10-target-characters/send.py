"""Sends one signed callback to several targets; fails unless each is answered 200 by the echo, with the path and query."""

import json
import socket
import sys

port, time, sign, body = sys.argv[1:]
TARGETS = {
    "a quote": b'/cb?ext={"shop":1}',
    "angle brackets": b"/cb?ext=<a>",
    "GBK": b"/cb?memo=\xd6\xa7\xb8\xb6",
    "absolute form": b"http://pay.example.com/cb",
    "braces, a bar and UTF-8": "/cb?ext={a|b}&n=\u5ba2".encode(),
}
failed = 0
for name, target in TARGETS.items():
    lines = [
        b"POST " + target + b" HTTP/1.1",
        b"Host: pay.example.com",
        b"Connection: close",
        b"Content-Type: application/json",
        b"T-Time: " + time.encode(),
        b"T-Sign: " + sign.encode(),
        b"Content-Length: %d" % len(body),
        b"",
        body.encode(),
    ]
    with socket.create_connection(("127.0.0.1", int(port)), timeout=8) as client:
        client.sendall(b"\r\n".join(lines))
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    status = int(answer.split(b" ", 2)[1])
    wanted = target.removeprefix(b"http://pay.example.com").decode("utf-8", "replace")
    shown = json.loads(answer.split(b"\r\n\r\n", 1)[1]).get("target")
    print(f"{name}: status {status}, the backend gets {shown}")
    failed += status != 200 or shown != wanted
sys.exit(failed > 0)
