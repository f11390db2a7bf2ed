"""What every template has to keep to: nothing open, nothing in the clear, nothing that may do more than it must. Whatever has to be
otherwise is named in exceptions.yaml with its reason, and an exception that nothing needs is a finding as well."""

import json
import pathlib
import re
import sys

import yaml

import templates

HERE = pathlib.Path(__file__).resolve().parent
#: Types to which CloudFormation does not pass the tags of their stack on.
TAGGED_BY_THEMSELVES = {"AWS::EC2::LaunchTemplate"}
TAGS = {"Application", "Deployment"}
ANYBODY = {"0.0.0.0/0", "::/0"}
#: Whatever neither deployment has at first.
EVERYTHING = {
    "HostCount": "1",
    "BedrockModels": f"arn:aws:bedrock:{templates.REGION}::foundation-model/some",
    "TitanDimension": "256",
    "MailFrom": "no-reply@synapscribe.example.edu",
    "UserPool": "true",
    "SecondProof": "true",
    "PageDomain": "synapscribe.example.edu",
    "PageCertificateArn": "arn:aws:acm:us-east-1:certificate/some",
    "PageHostedZoneId": "ZEXAMPLE",
    "NoticesEmail": "operator@example.edu",
    "BudgetByTag": "true",
    "ManageGatewayLogRole": "true",
}
#: Requests of five hundred people who open the page within five minutes, twenty each.
CAMPUS = 10_000
RULES = {}


def rule(*types):
    """Marks a rule for resources of these types; without any, for a whole deployment."""

    def mark(check):
        RULES[check.__name__.replace("_", "-")] = (types, check)
        return check

    return mark


def as_list(value):
    return value if isinstance(value, list) else [value]


def statements(resource):
    """Every policy statement in a resource, with where it stands."""

    def walk(node, place):
        if isinstance(node, dict):
            if "Effect" in node:
                yield node.get("Sid", place), node
                return
            for key, part in node.items():
                yield from walk(part, part.get("PolicyName", place) if isinstance(part, dict) else place)
        elif isinstance(node, list):
            for part in node:
                yield from walk(part, part.get("PolicyName", place) if isinstance(part, dict) else place)

    yield from walk(resource.properties, resource.name)


def allowed(resource):
    return ((sid, one) for sid, one in statements(resource) if one["Effect"] == "Allow")


# Who may do what


@rule("*")
def resource_is_named(resource):
    for sid, one in allowed(resource):
        if "*" in as_list(one.get("Resource", [])):
            yield sid, f"{', '.join(as_list(one['Action']))} on every resource"


@rule("*")
def action_is_named(resource):
    for sid, one in allowed(resource):
        for action in as_list(one.get("Action", [])):
            if action == "*" or action.endswith(":*"):
                yield sid, f"every action: {action}"


@rule("*")
def principal_is_named(resource):
    for sid, one in allowed(resource):
        ours = "aws:PrincipalAccount" in one.get("Condition", {}).get("StringEquals", {})
        if one.get("Principal") in ("*", {"AWS": "*"}) and not ours:
            yield sid, "anybody"


@rule("AWS::IAM::Role", "AWS::Serverless::Function")
def policies_are_our_own(resource):
    for arn in resource.properties.get("ManagedPolicyArns", []):
        if ":iam::aws:" in arn:
            yield arn.rsplit("/", 1)[1], "a policy that somebody else may widen"
    if resource.type == "AWS::Serverless::Function" and "Role" not in resource.properties:
        yield resource.name, "a role that nobody wrote"


@rule("AWS::IAM::Role")
def guests_reach_their_own(resource):
    if "Federated" not in json.dumps(resource.properties["AssumeRolePolicyDocument"]):
        return
    trust = json.dumps(resource.properties["AssumeRolePolicyDocument"])
    if "cognito-identity.amazonaws.com:aud" not in trust or "cognito-identity.amazonaws.com:amr" not in trust:
        yield "trust", "guests of any pool"
    for sid, one in allowed(resource):
        for target in as_list(one.get("Resource", [])):
            if target.startswith("arn:aws:s3:") and "/${cognito-identity.amazonaws.com:sub}/" not in target:
                yield sid, f"{target} is not a guest's own"


@rule()
def accounts_may_do_as_guests(deployment):
    # The rehearsal holds what clients ask for against the role of guests alone.
    federated = [one for one in deployment if one.type == "AWS::IAM::Role" and "Federated" in json.dumps(one.properties["AssumeRolePolicyDocument"])]
    for resource in federated[1:]:
        if resource.properties.get("Policies") != federated[0].properties.get("Policies"):
            yield resource, "Policies", f"others than those of {federated[0]}"


@rule("AWS::ApiGatewayV2::Route", "AWS::ApiGateway::Method")
def routes_are_signed(resource):
    route = resource.properties
    if resource.type.endswith("Method"):
        route = {"ApiId": route["RestApiId"], "RouteKey": route["HttpMethod"], **route}
    # Behind $connect a WebSocket's messages belong to whoever connected, and the gateway takes no authorisation for them.
    if "WebSocket" in route["ApiId"] and route["RouteKey"] != "$connect":
        return
    if route.get("AuthorizationType", "NONE") != "AWS_IAM":
        yield route["RouteKey"], "open to anybody"


# What is open


@rule("AWS::S3::Bucket")
def buckets_are_closed(resource):
    blocked = resource.properties.get("PublicAccessBlockConfiguration", {})
    for what in ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"):
        if blocked.get(what) is not True:
            yield what, "not set"
    if "BucketOwnerEnforced" not in json.dumps(resource.properties.get("OwnershipControls", {})):
        yield "OwnershipControls", "objects have owners of their own"


@rule("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress")
def nobody_from_outside(resource):
    rules = resource.properties.get("SecurityGroupIngress", [])
    for one in rules if resource.type.endswith("Group") else [resource.properties]:
        if one.get("CidrIp") or one.get("CidrIpv6") or not one.get("SourceSecurityGroupId"):
            yield "ingress", f"from {one.get('CidrIp') or one.get('CidrIpv6')} rather than from a group"


@rule("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupEgress")
def ways_out_are_few(resource):
    rules = resource.properties.get("SecurityGroupEgress", [])
    if resource.type.endswith("Group") and not rules:
        yield "egress", "to anywhere, because nothing is said"
    for one in rules if resource.type.endswith("Group") else [resource.properties]:
        if ANYBODY & {one.get("CidrIp"), one.get("CidrIpv6")} and (one["IpProtocol"] != "tcp" or one["FromPort"] not in (80, 443)):
            yield "egress", "to anywhere on a port of no web server"


@rule("AWS::EC2::Subnet", "AWS::RDS::DBInstance")
def no_public_addresses(resource):
    if resource.properties.get("MapPublicIpOnLaunch") or resource.properties.get("PubliclyAccessible", False) is not False:
        yield "address", "public"
    if resource.type == "AWS::RDS::DBInstance" and "PubliclyAccessible" not in resource.properties:
        yield "address", "public unless said otherwise"


@rule("AWS::EC2::LaunchTemplate")
def machines_are_closed(resource):
    data = resource.properties["LaunchTemplateData"]
    if data.get("MetadataOptions", {}).get("HttpTokens") != "required":
        yield "MetadataOptions", "credentials for whoever can make the machine fetch an address"
    if data.get("KeyName"):
        yield "KeyName", "SSH"


@rule("AWS::WAFv2::WebACL")
def campuses_come_in(resource):
    for one in resource.properties["Rules"]:
        limit = one["Statement"].get("RateBasedStatement", {}).get("Limit")
        if limit is not None and int(limit) < CAMPUS:
            yield one["Name"], f"{limit} requests in five minutes shut a campus out that has one address"


# What is in the clear


@rule("*")
def encrypted_where_kept(resource):
    kept = resource.properties
    missing = {
        "AWS::S3::Bucket": lambda: not kept.get("BucketEncryption"),
        "AWS::DynamoDB::Table": lambda: not kept.get("SSESpecification", {}).get("SSEEnabled"),
        "AWS::SQS::Queue": lambda: not (kept.get("SqsManagedSseEnabled") or kept.get("KmsMasterKeyId")),
        "AWS::SNS::Topic": lambda: not kept.get("KmsMasterKeyId"),
        "AWS::RDS::DBCluster": lambda: not kept.get("StorageEncrypted"),
        "AWS::EC2::LaunchTemplate": lambda: any(
            not device.get("Ebs", {}).get("Encrypted") for device in kept["LaunchTemplateData"].get("BlockDeviceMappings", [{}])
        ),
    }
    if missing.get(resource.type, lambda: False)():
        yield resource.type, "not encrypted"


@rule("AWS::RDS::DBProxy", "AWS::RDS::DBClusterParameterGroup", "AWS::CloudFront::Distribution", "AWS::ApiGateway::RestApi")
def encrypted_on_the_way(resource):
    said = resource.properties
    if resource.type == "AWS::RDS::DBProxy" and said.get("RequireTLS") is not True:
        yield "RequireTLS", "not set"
    if resource.type == "AWS::RDS::DBClusterParameterGroup" and said["Parameters"].get("rds.force_ssl") != "1":
        yield "rds.force_ssl", "not set"
    if resource.type == "AWS::ApiGateway::RestApi" and "TLS13" not in said.get("SecurityPolicy", ""):
        yield "SecurityPolicy", "TLS 1.0"
    if resource.type == "AWS::CloudFront::Distribution":
        config = said["DistributionConfig"]
        for behaviour in [config["DefaultCacheBehavior"], *config.get("CacheBehaviors", [])]:
            if behaviour["ViewerProtocolPolicy"] not in ("redirect-to-https", "https-only"):
                yield behaviour.get("PathPattern", "*"), "HTTP"


@rule()
def buckets_and_queues_refuse_plain_http(deployment):
    refused = set()
    for resource in deployment:
        for sid, one in statements(resource):
            if one["Effect"] == "Deny" and one.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport") == "false":
                refused.update(as_list(one["Resource"]))
    for resource in deployment:
        if resource.type in ("AWS::S3::Bucket", "AWS::SQS::Queue"):
            arn = resource.attribute("Arn")
            if not any(arn == one or (one.endswith("*") and arn.startswith(one[:-1])) for one in refused):
                yield resource, "policy", "plain HTTP is let through"


# What is kept, for how long, and who is told


@rule("AWS::Logs::LogGroup")
def logs_end(resource):
    if str(resource.properties.get("RetentionInDays")) not in ("7", "30"):
        yield "RetentionInDays", "neither 7 nor 30"


@rule()
def logs_of_services_end(deployment):
    logs = {resource.attribute("Ref") for resource in deployment if resource.type == "AWS::Logs::LogGroup"}
    for resource in deployment:
        made = []
        if resource.type == "AWS::RDS::DBProxy":
            made = [f"/aws/rds/proxy/{resource.properties['DBProxyName']}"]
        elif resource.type == "AWS::RDS::DBCluster":
            name = resource.properties["DBClusterIdentifier"]
            made = [f"/aws/rds/cluster/{name}/{kind}" for kind in resource.properties.get("EnableCloudwatchLogsExports", [])]
        for name in made:
            if name not in logs:
                yield resource, "log", f"kept for ever, because there is no log group {name}"


@rule("AWS::RDS::DBClusterParameterGroup")
def databases_log_nothing_of_people(resource):
    # Unless told otherwise, PostgreSQL writes what a slow statement was given, and the key that is there already.
    for name, value in (("log_parameter_max_length", "0"), ("log_parameter_max_length_on_error", "0"), ("log_error_verbosity", "terse")):
        if resource.properties["Parameters"].get(name) != value:
            yield name, f"not {value}"


@rule()
def functions_are_watched(deployment):
    logs = {resource.attribute("Ref") for resource in deployment if resource.type == "AWS::Logs::LogGroup"}
    watched = {
        (resource.properties["MetricName"], dimension["Value"])
        for resource in deployment
        if resource.type == "AWS::CloudWatch::Alarm"
        for dimension in resource.properties.get("Dimensions", [])
    }
    for resource in deployment:
        if resource.type != "AWS::Serverless::Function":
            continue
        name = resource.attribute("Ref")
        common = resource.stack.value(resource.stack.template["Globals"]["Function"])
        if f"/aws/lambda/{name}" not in logs:
            yield resource, "log", "kept for ever, because no log group of that name is there"
        for metric in ("Errors", "Throttles", "Duration"):
            if (metric, name) not in watched:
                yield resource, metric, "no alarm looks at it"
        if common.get("Tracing") != "Active":
            yield resource, "tracing", "off"
        if common.get("LoggingConfig") != {"LogFormat": "JSON", "ApplicationLogLevel": "TRACE"}:
            yield resource, "log", "AWS drops lines that LogLevel asks for, or takes them for text"
        if not common.get("VpcConfig", {}).get("SecurityGroupIds"):
            yield resource, "network", "outside"


@rule()
def errors_are_asked_for_everywhere(deployment):
    logs = {f"/aws/lambda/{one.attribute('Ref')}" for one in deployment if one.type == "AWS::Serverless::Function"}
    for resource in deployment:
        if resource.type == "AWS::Logs::QueryDefinition" and resource.properties["Name"].endswith("/errors"):
            for name in sorted(logs - set(resource.properties["LogGroupNames"])):
                yield resource, "LogGroupNames", f"{name} is not looked into"


@rule()
def workflows_are_watched(deployment):
    watched = {
        (resource.properties["MetricName"], dimension["Value"])
        for resource in deployment
        if resource.type == "AWS::CloudWatch::Alarm"
        for dimension in resource.properties.get("Dimensions", [])
    }
    rules = [resource for resource in deployment if resource.type == "AWS::Events::Rule"]
    for resource in deployment:
        if resource.type != "AWS::Serverless::StateMachine":
            continue
        if resource.properties.get("Tracing") != {"Enabled": True}:
            yield resource, "tracing", "off"
        arn = resource.attribute("Ref")
        for metric in ("ExecutionsFailed", "ExecutionsTimedOut"):
            if (metric, arn) not in watched:
                yield resource, metric, "no alarm looks at it"
        targets = [target for one in rules for target in one.properties["Targets"] if target["Arn"] == arn]
        if any("DeadLetterConfig" not in target for target in targets):
            yield resource, "rule", "what could not be started is lost"


@rule("AWS::CloudWatch::Alarm")
def alarms_are_heard(resource):
    if not any("-notices" in action for action in resource.properties.get("AlarmActions", [])):
        yield "AlarmActions", "nobody is told"


@rule("AWS::DynamoDB::Table")
def tables_forget_and_recover(resource):
    kept = resource.properties
    if kept.get("TimeToLiveSpecification") != {"AttributeName": "expiresAt", "Enabled": True}:
        yield "TimeToLiveSpecification", "nothing expires by expiresAt"
    if not kept.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled"):
        yield "PointInTimeRecoverySpecification", "off"
    if kept.get("BillingMode") != "PAY_PER_REQUEST":
        yield "BillingMode", "not on demand"


@rule()
def tables_are_watched(deployment):
    watched = {
        (resource.properties["MetricName"], *sorted(dimension["Value"] for dimension in resource.properties.get("Dimensions", [])))
        for resource in deployment
        if resource.type == "AWS::CloudWatch::Alarm"
    }
    for resource in deployment:
        if resource.type != "AWS::DynamoDB::Table":
            continue
        name = resource.properties["TableName"]
        # An index that cannot be written throttles the writes of its table.
        asked = [("WriteThrottleEvents", name), ("ReadThrottleEvents", name)]
        indexes = resource.properties.get("GlobalSecondaryIndexes", [])
        asked += [("ReadThrottleEvents", *sorted([name, index["IndexName"]])) for index in indexes]
        for metric, *of in asked:
            if (metric, *of) not in watched:
                yield resource, metric, f"no alarm looks at that of {' '.join(of)}"


@rule()
def queues_fit_their_functions(deployment):
    queues = {resource.attribute("Arn"): resource for resource in deployment if resource.type == "AWS::SQS::Queue"}
    for resource in deployment:
        events = resource.properties.get("Events", {}).values() if resource.type == "AWS::Serverless::Function" else []
        for event in (event for event in events if event["Type"] == "SQS"):
            queue = queues[event["Properties"]["Queue"]]
            expected = int(resource.properties["Timeout"]) + 90
            if queue.properties.get("VisibilityTimeout") != expected:
                yield queue, "VisibilityTimeout", f"not the {expected} seconds of its function and a lease"
            if "RedrivePolicy" not in queue.properties:
                yield queue, "RedrivePolicy", "what fails comes again for ever"


@rule()
def everything_is_tagged(deployment):
    for resource in deployment:
        if resource.type in TAGGED_BY_THEMSELVES:
            tagged = [one["Tags"] for one in resource.properties["LaunchTemplateData"].get("TagSpecifications", [{"Tags": []}])]
        elif resource.type == "AWS::CloudFormation::Stack":
            # CloudFormation passes the tags of a stack on to everything in it that can be tagged.
            tagged = [resource.properties.get("Tags", [])]
        else:
            continue
        for tags in tagged:
            missing = TAGS - {tag["Key"] for tag in tags}
            if missing:
                yield resource, "Tags", f"{', '.join(sorted(missing))} missing"


def findings(name, also):
    """What one deployment does not keep to: rule, resource, detail, what is wrong."""
    root = templates.deployment(name, also)
    resources = [resource for stack in root.stacks() for resource in stack.resources.values()]
    # The page's firewall is a stack of its own outside us-east-1.
    firewall = templates.Stack("Firewall", templates.ROOT / "stacks/firewall.yaml", {"Prefix": f"synapscribe-{name}"}, region="us-east-1")
    resources += firewall.resources.values()
    if TAGS - set(templates.settings(name)[1]):
        yield "everything-is-tagged", "Root", "tags", "missing in samconfig.toml"
    for rule_name, (types, check) in RULES.items():
        if not types:
            for resource, detail, wrong in check(resources):
                yield rule_name, str(resource), detail, wrong
            continue
        for resource in resources:
            if types == ("*",) or resource.type in types:
                for detail, wrong in check(resource):
                    yield rule_name, str(resource), detail, wrong


def secrets():
    """Account numbers and credentials in any file here."""
    pattern = re.compile(r"\b\d{12}\b|AKIA[0-9A-Z]{12}|BEGIN [A-Z ]*PRIVATE KEY")
    for path in sorted(templates.ROOT.rglob("*")):
        # What was built is fetched again for each deployment, and tests need numbers that look like an account's.
        built = "build" in path.relative_to(templates.ROOT).parts
        if path.is_file() and not built and path.suffix not in (".py", ".pyc"):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if pattern.search(line):
                    yield "no-secrets", f"{path.relative_to(templates.ROOT)}:{number}", "text", "an account's number or a credential"


def check():
    """All findings that no exception explains, and all exceptions that explain nothing."""
    known = yaml.safe_load((HERE / "exceptions.yaml").read_text(encoding="utf-8"))
    explained = {(one["rule"], one["resource"], one.get("detail")): one.get("why", "").strip() for one in known}
    found, used = set(secrets()), set()
    for name, also in (("dev", None), ("prod", None), ("prod", EVERYTHING)):
        for rule_name, resource, detail, wrong in findings(name, also):
            keys = [(rule_name, resource, detail), (rule_name, resource, None)]
            if any(explained.get(key) for key in keys):
                used.update(key for key in keys if key in explained)
            else:
                found.add((rule_name, resource, detail, wrong))
    for key in explained.keys() - used:
        found.add(("no-idle-exceptions", key[1], key[0], "the exception explains nothing, or gives no reason"))
    return sorted(found)


if __name__ == "__main__":
    open_findings = check()
    for rule_name, resource, detail, wrong in open_findings:
        print(f"{rule_name}: {resource} ({detail}): {wrong}")
    sys.exit(1 if open_findings else 0)
