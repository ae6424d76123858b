# Writes what a WSGI server made of each request as a line of JSON into a file.
import json
import os
from urllib.parse import parse_qsl
from xml.etree import ElementTree


# What an application takes the fields from.
def fields(label, body):
    if label.split(";")[0].strip().lower() == "application/x-www-form-urlencoded":
        pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True)
        return [["parse_qsl", name, value] for name, value in pairs]
    if body.startswith(b"<"):
        try:
            root = ElementTree.fromstring(body)
        except (ElementTree.ParseError, LookupError, ValueError):
            return []
        return [["ElementTree", child.tag, child.text or ""] for child in root]
    return []


def application(environ, start_response):
    body = environ["wsgi.input"].read()
    read = [
        [f"environ['{name}']", value]
        for name, value in environ.items()
        if name.startswith("HTTP_") or name in ("SCRIPT_NAME", "PATH_INFO")
    ]
    seen = {
        "fields": fields(environ.get("CONTENT_TYPE", ""), body),
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
