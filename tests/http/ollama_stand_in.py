"""A stand-in that answers as Ollama does: it has one model, and says of every statement that it selects from orders."""

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODEL = "sqlcoder:latest"
SAID = '{"tables": ["orders"], "kind": "select"}'
ASKED = []  # the questions


def _answer(request, value):
    body = json.dumps(value).encode()
    request.send_response(200)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


def _list_models(request):
    _answer(request, {"models": [{"name": MODEL}]})


def _chat(request):
    ASKED.append(json.loads(request.rfile.read(int(request.headers["Content-Length"]))))
    _answer(request, {"message": {"role": "assistant", "content": SAID}, "done_reason": "stop",
                      "prompt_eval_count": 50, "eval_count": 12})


_Handler = type("_Handler", (BaseHTTPRequestHandler,),
                {"do_GET": _list_models, "do_POST": _chat, "log_message": lambda *_: None})


@contextlib.contextmanager
def running(tls=None):
    """Yields its address. tls: an ssl.SSLContext."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
