"""Holds calls that programs made against what their roles in the template allow: each has to be allowed, and whatever is allowed has
to have been asked for, or unasked.yaml says who asks for it.

    permissions.py dev|prod REGION <ASKED

What is read is JSON: `calls`, a list of `who` (a program, `gpu-host`, or the key of a guest), `action` and `resource`; and `made`, what
was given a name when it was made. What is wrong is printed, a line each."""

import fnmatch
import json
import pathlib
import sys

import yaml

import templates

HERE = pathlib.Path(__file__).resolve().parent
#: What an operator gives a host that works with models on Bedrock.
MODELS = "arn:aws:bedrock:{0}::foundation-model/amazon.titan-embed-text-v2:0,arn:aws:bedrock:{0}:{1}:inference-profile/eu.anthropic.claude-haiku-4-5-*"
#: Accounts whose passwords a user pool keeps.
ACCOUNTS = {"MailFrom": "no-reply@example.org", "UserPool": "true"}
SUB = "${cognito-identity.amazonaws.com:sub}"


def as_list(value):
    return value if isinstance(value, list) else [value]


class Policy:
    """A policy document of the template, and which of it was asked for."""

    def __init__(self, name, document):
        self.name = name
        # What is denied under a condition is not about the programs themselves.
        self.statements = [one for one in document["Statement"] if one["Effect"] == "Allow"]
        self.asked = set()

    def allows(self, action, resource, sub):
        """Whether a statement allows a call; those that do are remembered."""
        found = False
        for at, one in enumerate(self.statements):
            for target in as_list(one["Resource"]):
                fits = fnmatch.fnmatchcase(resource, target.replace(SUB, sub).replace("[", "[[]"))
                for allowed in as_list(one["Action"]):
                    if fits and fnmatch.fnmatchcase(action, allowed):
                        self.asked |= {(at, allowed), (at, target)}
                        found = True
        return found

    def unasked(self):
        """The statements with what nobody asked for in them: actions, and resources by what comes behind their account."""
        for at, one in enumerate(self.statements):
            parts = [part for part in as_list(one["Action"]) + as_list(one["Resource"]) if (at, part) not in self.asked]
            if parts:
                named = [part.split(":", 5)[5] if part.startswith("arn:") else part for part in parts]
                yield f"{self.name}/{one.get('Sid', at)}", [part.replace(templates.ACCOUNT, "ACCOUNT") for part in named]


def roles(root):
    """The policies of every role that a program works with, by the program."""
    policies, found = {}, {}

    def policy(key, document):
        return policies.setdefault(key, Policy(key, document))

    def of(resource):
        stack, held = resource.stack, []
        for arn in resource.properties.get("ManagedPolicyArns", []):
            for other in stack.resources.values():
                if other.type == "AWS::IAM::ManagedPolicy" and other.attribute("Ref") == arn:
                    held.append(policy(str(other), other.properties["PolicyDocument"]))
        for one in resource.properties.get("Policies", []):
            held.append(policy(f"{resource}.{one['PolicyName']}", one["PolicyDocument"]))
        for other in stack.resources.values():
            if other.type == "AWS::IAM::RolePolicy" and other.properties["RoleName"] == resource.attribute("Ref"):
                held.append(policy(str(other), other.properties["PolicyDocument"]))
        return held

    compute = root.child("Compute")
    by_arn = {one.attribute("Arn"): one for one in compute.resources.values() if one.type == "AWS::IAM::Role"}
    for resource in compute.resources.values():
        if resource.type == "AWS::Serverless::Function":
            found[templates.function(resource)] = of(by_arn[resource.properties["Role"]])
    found["gpu-host"] = of(root.child("GpuHost").resources["Role"])
    found["guest"] = of(root.child("Identity").resources["Guest"])
    return found, policies


def identities(calls, found):
    """Who a guest's objects belong to: what comes behind the kind in their keys."""
    keys = [call["resource"].split("/") for call in calls if call["who"] not in found and call["resource"].startswith("arn:aws:s3:::")]
    return {parts[2] for parts in keys if len(parts) > 3}


def check(stage, region, calls, made):
    """Everything that is wrong with the calls or with the policies."""
    root = templates.deployment(stage, {"BedrockModels": MODELS.format(region, templates.ACCOUNT), "TitanDimension": "256"} | ACCOUNTS, region=region)
    for name, value in made.items():
        stack, resource = name.split(".")
        root.child(stack).resources[resource].made["Ref"] = value
    found, policies = roles(root)
    guests = identities(calls, found)
    if len(guests) > 1:
        yield f"a guest reaches what belongs to others: {', '.join(sorted(guests))}"
    for call in calls:
        who = call["who"] if call["who"] in found else "guest"
        # Each policy is asked, so that all that would allow it are known.
        if not any([one.allows(call["action"], call["resource"], next(iter(guests), "nobody")) for one in found[who]]):
            yield f"{who} may not {call['action']} on {call['resource']}"
    known = yaml.safe_load((HERE / "unasked.yaml").read_text(encoding="utf-8"))
    explained = {one["statement"]: one for one in known}
    for policy in policies.values():
        for statement, parts in policy.unasked():
            why = explained.pop(statement, {"why": "", "parts": []})
            # Without parts, all of the statement is for somebody else.
            if not why["why"].strip() or sorted(why.get("parts", parts)) != sorted(parts):
                yield f"{statement}: nobody asked for {', '.join(parts)}"
    for statement in (name for name, one in explained.items() if not one.get("seldom")):
        yield f"{statement} was asked for as a whole, or is not there, and unasked.yaml explains it all the same"


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    for finding in check(*sys.argv[1:], asked["calls"], asked["made"]):
        print(finding)
