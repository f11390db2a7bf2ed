"""Speaks the protocols of AWS on a free port of this machine, and says on its first line where.

    emulator.py [FUNCTIONS]

Workflows are run where FUNCTIONS is the address at which their functions are called. Time passes faster for them: a pause of a second
takes a twentieth of one."""

import json
import os
import signal
import sys
import threading
import time
import types
import urllib.parse
import uuid

if len(sys.argv) > 1:
    # Where moto's workflows look for services.
    os.environ["MOTO_PORT"] = str(urllib.parse.urlparse(sys.argv[1]).port)

# Answers to a second proof are looked at, as AWS does.
os.environ["MOTO_COGNITO_IDP_USER_POOL_ENABLE_TOTP"] = "true"

from moto.core.config import default_user_config
from moto.core.model_instances import model_data
from moto.moto_api._internal.responses import MotoAPIResponse

PACE = 20


def letters(self, request, full_url, headers):
    """Moto tells of everything it holds, and stumbles over some of it; letters are what is asked for."""
    message = model_data.get("ses", {}).get("Message")
    sent = [
        {"destinations": one.destinations, "subject": one.subject, "body": one.body}
        for one in getattr(message, "instances_tracked", [])
    ]
    return 200, {"Content-Type": "application/json"}, json.dumps({"ses": {"Message": sent}})


# Before the server takes it for one of its addresses.
MotoAPIResponse.model_data = letters

from moto.server import ThreadedMotoServer


def one_at_a_time():
    """DynamoDB looks at a condition and writes in one step, and moto in two."""
    from moto.dynamodb.responses import DynamoHandler

    lock, call = threading.Lock(), DynamoHandler.call_action

    def call_action(self):
        with lock:
            return call(self)

    DynamoHandler.call_action = call_action


def run_workflows():
    from moto.events.models import Rule
    from moto.stepfunctions.parser.models import stepfunctions_parser_backends
    from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl

    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    retrier_decl.time = types.SimpleNamespace(sleep=lambda seconds: time.sleep(seconds / PACE))
    others = Rule.send_to_targets

    def send_to_targets(self, event, transform_input=True):
        """Moto's rules cannot start workflows."""
        every, workflows = self.targets, [target["Arn"] for target in self.targets if ":states:" in target["Arn"]]
        if workflows and self.event_pattern.matches_event(event):
            for arn in workflows:
                backend = stepfunctions_parser_backends[self.account_id][self.region_name]
                backend.start_execution(arn, name=str(uuid.uuid4()), execution_input=json.dumps(event, default=str))
        self.targets = [target for target in every if target["Arn"] not in workflows]
        try:
            others(self, event, transform_input)
        finally:
            self.targets = every

    Rule.send_to_targets = send_to_targets


one_at_a_time()
if len(sys.argv) > 1:
    run_workflows()
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
print(json.dumps({"endpoint": f"http://{host}:{port}"}), flush=True)
signal.pause()
