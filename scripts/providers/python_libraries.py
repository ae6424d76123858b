"""Calls libraries for Python: a JSON object a line says which, and its answer is a line, too."""
import contextlib
import http.server
import importlib.metadata
import json
import os
import pathlib
import sys
import threading

from paypalrestsdk.notifications import WebhookEvent
from slack_sdk.signature import Clock, SignatureVerifier

KEYS = pathlib.Path(__file__).parent / "keys"


class CertificateServer(http.server.BaseHTTPRequestHandler):
    """The address from which the PayPal SDK fetches the certificate."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write((KEYS / "paypal.crt").read_bytes())

    def log_message(self, *_):
        pass


class FixedClock(Clock):
    def __init__(self, time):
        self.time = time

    def now(self):
        return self.time


def version(call):
    return importlib.metadata.version(call["library"])


def slack_sign(call):
    verifier = SignatureVerifier(call["secret"])
    return verifier.generate_signature(timestamp=call["timestamp"], body=call["body"])


def slack_accepts(call):
    verifier = SignatureVerifier(call["secret"], FixedClock(call["now"]))
    return verifier.is_valid_request(call["body"], call["headers"])


def paypal_accepts(call):
    # The SDK says on the standard output why it refuses.
    with contextlib.redirect_stdout(open(os.devnull, "w")):
        return WebhookEvent.verify(
            call["id"], call["time"], call["webhook_id"], call["body"], ADDRESS, call["signature"], call["algorithm"]
        )


# In place of the authority that PayPal's certificates are from.
WebhookEvent._WebhookEvent__cert_chain_path = [str(KEYS / "authority.crt")]
SERVER = http.server.HTTPServer(("127.0.0.1", 0), CertificateServer)
ADDRESS = f"http://127.0.0.1:{SERVER.server_port}/certificate.pem"
threading.Thread(target=SERVER.serve_forever, daemon=True).start()
FUNCTIONS = {f.__name__: f for f in (version, slack_sign, slack_accepts, paypal_accepts)}
for line in sys.stdin:
    call = json.loads(line)
    print(json.dumps(FUNCTIONS[call["name"]](call)), flush=True)
