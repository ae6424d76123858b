"""Six clients that send a request again and again, each time on a connection of its own:
clients.py PORT REQUEST_FILE COUNT. Prints how often which status came back."""

import collections
import socket
import sys
import threading

port, count = int(sys.argv[1]), int(sys.argv[3])
with open(sys.argv[2], "rb") as file:
    request = file.read()
todo = iter(range(count))
lock = threading.Lock()
statuses = collections.Counter()


def client():
    while True:
        with lock:
            if next(todo, None) is None:
                return
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(request)
            answer = b""
            while more := connection.recv(65536):
                answer += more
        with lock:
            statuses[answer[9:12].decode() or "none"] += 1


threads = [threading.Thread(target=client) for _ in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(" ".join(f"{number} x {status}" for status, number in sorted(statuses.items())))
sys.exit(0 if set(statuses) == {"200"} else 1)
