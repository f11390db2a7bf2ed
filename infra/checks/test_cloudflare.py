"""The records at Cloudflare, against a peer that keeps records and settings as its interface describes them."""

import json
import os
import pathlib
import subprocess
import sys
import threading
import unittest
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SCRIPT = pathlib.Path(__file__).resolve().parent.parent / "cloudflare/records.py"


class Peer(BaseHTTPRequestHandler):
    def do(self):
        kept, parsed = self.server.kept, urllib.parse.urlparse(self.path)
        kept["asked"].append(self.command)
        length = int(self.headers.get("content-length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        asked = dict(urllib.parse.parse_qsl(parsed.query))
        if self.headers["authorization"] != "Bearer right":
            return self.say(403, {"success": False, "errors": [{"message": "Invalid access token"}]})
        parts = parsed.path.strip("/").split("/")
        if parts == ["zones"]:
            result = [{"id": "z"}] if asked["name"] == "example.edu" else []
        elif parts[2] == "settings":
            if body:
                kept["settings"][parts[3]] = body["value"]
            result = {"value": kept["settings"][parts[3]]}
        elif self.command == "GET":
            result = [record for record in kept["records"].values() if record["name"] == asked["name"]]
        else:
            at = parts[3] if len(parts) > 3 else str(len(kept["records"]))
            result = kept["records"][at] = body | {"id": at}
        return self.say(200, {"success": True, "result": result})

    do_GET = do_POST = do_PUT = do_PATCH = do

    def say(self, status, said):
        text = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


class Records(unittest.TestCase):
    def setUp(self):
        self.peer = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
        self.kept = self.peer.kept = {
            "asked": [], "records": {}, "settings": {"ssl": "flexible", "always_use_https": "on", "min_tls_version": "1.0"}
        }
        threading.Thread(target=self.peer.serve_forever, daemon=True).start()
        self.addCleanup(self.peer.server_close)
        self.addCleanup(self.peer.shutdown)

    def run_script(self, *arguments, token="right", zone="example.edu"):
        environment = os.environ | {"CLOUDFLARE_API": f"http://127.0.0.1:{self.peer.server_port}", "CLOUDFLARE_API_TOKEN": token}
        named = [zone, "scribe.example.edu", "d1.cloudfront.net", *arguments]
        return subprocess.run([sys.executable, SCRIPT, *named], env=environment, capture_output=True, text=True, check=False)

    def test_records_are_made_once_and_changed_when_they_lead_elsewhere(self):
        self.assertEqual(self.run_script("--dry-run").returncode, 0)
        self.assertEqual(set(self.kept["asked"]), {"GET"}, "a dry run changes nothing")
        said = self.run_script("--prove", "_a.scribe.example.edu.=_b.acm-validations.aws.")
        self.assertEqual(said.returncode, 0, said.stderr)
        made = {record["name"]: (record["content"], record["proxied"]) for record in self.kept["records"].values()}
        self.assertEqual(made, {"scribe.example.edu": ("d1.cloudfront.net", True), "_a.scribe.example.edu": ("_b.acm-validations.aws", False)})
        self.assertEqual(self.kept["settings"], {"ssl": "strict", "always_use_https": "on", "min_tls_version": "1.2"})
        self.kept["asked"].clear()
        self.run_script()
        self.assertEqual(set(self.kept["asked"]), {"GET"}, "a second time changes nothing")
        next(record for record in self.kept["records"].values() if record["proxied"])["content"] = "elsewhere"
        self.run_script()
        self.assertEqual({record["content"] for record in self.kept["records"].values()}, {"d1.cloudfront.net", "_b.acm-validations.aws"})

    def test_what_cannot_be_done_is_said(self):
        self.assertIn("Invalid access token", self.run_script(token="wrong").stderr)
        self.assertIn("no zone other.edu", self.run_script(zone="other.edu").stderr)
        self.kept["records"]["0"] = {"id": "0", "type": "A", "name": "scribe.example.edu", "content": "192.0.2.1", "proxied": False}
        self.assertIn("record of type A", self.run_script().stderr)


if __name__ == "__main__":
    unittest.main()
