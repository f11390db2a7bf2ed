#!/usr/bin/env python3
"""Keeps the page's name at Cloudflare instead of Route 53: the record that leads to CloudFront through Cloudflare's proxy, the record by
which AWS sees that a certificate's name is ours, and the zone's settings that this needs. It may be run again at any time.

    CLOUDFLARE_API_TOKEN=… records.py [--dry-run] ZONE NAME DISTRIBUTION [--prove NAME=VALUE]

    records.py example.edu synapscribe.example.edu d111111abcdef8.cloudfront.net --prove _a1b2.synapscribe.example.edu=_c3d4.acm-validations.aws

The token needs the rights Zone.DNS Edit and Zone.Zone Settings Edit for that zone, and nothing else."""

import argparse
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

#: What the page needs of the zone: the origin's certificate is looked at, and nothing travels in the clear.
SETTINGS = {"ssl": "strict", "always_use_https": "on", "min_tls_version": "1.2"}


class Cloudflare:
    """Its interface, with the token of the environment."""

    def __init__(self, dry):
        self.base = os.environ.get("CLOUDFLARE_API", "https://api.cloudflare.com/client/v4")
        self.token = os.environ.get("CLOUDFLARE_API_TOKEN") or sys.exit("error: CLOUDFLARE_API_TOKEN is not set")
        self.dry = dry

    def ask(self, method, path, body=None):
        """What it answers; a refusal ends the program with its reason."""
        request = urllib.request.Request(self.base + path, method=method, data=json.dumps(body).encode() if body else None)
        request.add_header("authorization", f"Bearer {self.token}")
        request.add_header("content-type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                said = json.load(answer)
        except urllib.error.HTTPError as error:
            said = json.loads(error.read() or b"{}")
        except urllib.error.URLError as error:
            sys.exit(f"error: Cloudflare cannot be reached: {error.reason}")
        if not said.get("success"):
            reasons = "; ".join(one.get("message", "") for one in said.get("errors", [])) or "no reason given"
            sys.exit(f"error: Cloudflare refuses {method} {path}: {reasons}")
        return said["result"]

    def change(self, told, method, path, body):
        """Does it, or only tells."""
        print(("would " if self.dry else "") + told)
        if not self.dry:
            self.ask(method, path, body)

    def record(self, zone, name, target, proxied):
        """Makes the one record of a name lead to its target."""
        wanted = {"type": "CNAME", "name": name, "content": target, "proxied": proxied, "ttl": 1}
        found = self.ask("GET", f"/zones/{zone}/dns_records?{urllib.parse.urlencode({'name': name})}")
        for other in found:
            if other["type"] != "CNAME":
                sys.exit(f"error: {name} has a record of type {other['type']}; remove it first, because a name with a CNAME has no other")
        if not found:
            self.change(f"make {name} lead to {target}", "POST", f"/zones/{zone}/dns_records", wanted)
        elif any(found[0].get(key) != wanted[key] for key in ("content", "proxied")):
            self.change(f"change {name} to lead to {target}", "PUT", f"/zones/{zone}/dns_records/{found[0]['id']}", wanted)
        else:
            print(f"{name} leads to {target}")

    def setting(self, zone, name, value):
        """Makes a setting of the zone what it has to be."""
        if self.ask("GET", f"/zones/{zone}/settings/{name}")["value"] != value:
            self.change(f"set {name} to {value}", "PATCH", f"/zones/{zone}/settings/{name}", {"value": value})
        else:
            print(f"{name} is {value}")


def main():
    """Reads what is asked, and does it."""
    asked = argparse.ArgumentParser(description=__doc__.split("\n\n")[0], formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--dry-run", action="store_true", help="only tell what would be done")
    asked.add_argument("zone", help="the zone, such as example.edu")
    asked.add_argument("name", help="the page's name in it")
    asked.add_argument("distribution", help="CloudFront's name, the stack's output PageDistributionName")
    asked.add_argument("--prove", metavar="NAME=VALUE", action="append", default=[], help="the record that ACM asks for")
    given = asked.parse_args()
    cloudflare = Cloudflare(given.dry_run)
    zones = cloudflare.ask("GET", f"/zones?{urllib.parse.urlencode({'name': given.zone})}")
    if not zones:
        sys.exit(f"error: this token sees no zone {given.zone}")
    zone = zones[0]["id"]
    for proof in given.prove:
        name, _, value = proof.partition("=")
        # AWS has to see the record itself, so it does not go through the proxy.
        cloudflare.record(zone, name.rstrip("."), value.rstrip("."), False)
    cloudflare.record(zone, given.name, given.distribution, True)
    for name, value in SETTINGS.items():
        cloudflare.setting(zone, name, value)


if __name__ == "__main__":
    main()
