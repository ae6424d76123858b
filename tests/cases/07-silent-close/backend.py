"""Closes each connection right behind its answer, without having said so. Writes how many requests it got
to a file whenever it is asked for by SIGUSR1."""

import itertools
import signal
import socket
import sys
import threading

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsuccess"
count = itertools.count()
got = [0]


def serve(connection):
    with connection:
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return
            data += more
        head, body = data.split(b"\r\n\r\n", 1)
        lines = head.lower().split(b"\r\n")
        length = sum(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
        while len(body) < length:
            body += connection.recv(65536)
        got[0] = next(count) + 1
        connection.sendall(ANSWER)


def tell(*_):
    with open(sys.argv[2], "w") as file:
        print(got[0], file=file)


signal.signal(signal.SIGUSR1, tell)
listener = socket.create_server(("127.0.0.1", 0), backlog=128)
with open(sys.argv[1], "w") as file:
    print(listener.getsockname()[1], file=file)
while True:
    connection, _ = listener.accept()
    threading.Thread(target=serve, args=(connection,), daemon=True).start()
