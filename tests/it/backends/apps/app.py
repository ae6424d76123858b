# Writes what a WSGI server made of each request as a line of JSON into a file.
import json
import os


def application(environ, start_response):
    body = environ["wsgi.input"].read()
    read = [
        [f"environ['{name}']", value]
        for name, value in environ.items()
        if name.startswith("HTTP_") or name in ("SCRIPT_NAME", "PATH_INFO")
    ]
    seen = {
        "method": environ["REQUEST_METHOD"],
        "target": environ["RAW_URI"],
        "path": environ["SCRIPT_NAME"] + environ["PATH_INFO"],
        "body": body.decode("latin-1"),
        "read": read,
    }
    with open(os.environ["SEEN"], "a") as file:
        file.write(json.dumps(seen) + "\n")
    start_response("200 OK", [("Content-Length", "3")])
    return [b"ok\n"]
