"""Makes the data, identity and queue resources of the template in an emulator of AWS, so that they can be looked at and worked with.
The emulator's own CloudFormation knows too few of them, so each is made by the call that CloudFormation would make.

    rehearse.py ENDPOINT [dev|prod] [REGION]

It prints what the template gives out, and what it tells each function and the GPU host, as one object of JSON."""

import json
import pathlib
import sys

import boto3

import templates


SERVICES = (
    "s3", "sqs", "dynamodb", "secretsmanager", "iam", "cognito-identity", "cognito-idp", "apigatewayv2", "logs", "sts", "stepfunctions",
    "events",
)
#: A deployment makes a user pool only where it is told to.
ACCOUNTS = {"MailFrom": "no-reply@example.org", "UserPool": "true"}


class Emulator:
    """The services at one address, and how each type is made there."""

    def __init__(self, endpoint, region):
        session = boto3.Session("AKIDOPERATOR", "secret", region_name=region)
        self.endpoint, self.region = endpoint, region
        self.service = {
            name: session.client(name, endpoint_url=endpoint)
            for name in SERVICES
        }
        self.account = self.service["sts"].get_caller_identity()["Account"]

    def make(self, resource):
        """Makes one, and notes by what it is referred to."""
        making = {
            "AWS::SQS::Queue": self.queue,
            "AWS::SQS::QueuePolicy": self.queue_policy,
            "AWS::DynamoDB::Table": self.table,
            "AWS::S3::Bucket": self.bucket,
            "AWS::S3::BucketPolicy": self.bucket_policy,
            "AWS::SecretsManager::Secret": self.secret,
            "AWS::Logs::LogGroup": self.log_group,
            "AWS::IAM::Role": self.role,
            "AWS::IAM::ManagedPolicy": self.managed_policy,
            "AWS::Cognito::IdentityPool": self.identity_pool,
            "AWS::Cognito::UserPool": self.user_pool,
            "AWS::Cognito::UserPoolClient": self.user_pool_client,
            "AWS::ApiGatewayV2::Api": self.api,
            "AWS::Serverless::StateMachine": self.workflow,
            "AWS::Events::EventBus": self.bus,
            "AWS::Events::Rule": self.rule,
        }
        resource.made |= making[resource.type](resource.properties, resource) or {}

    def queue(self, given, _):
        attributes = {
            name: json.dumps(value) if isinstance(value, dict) else str(value).lower() if isinstance(value, bool) else str(value)
            for name, value in given.items()
            if name not in ("QueueName", "Tags")
        }
        url = self.service["sqs"].create_queue(QueueName=given["QueueName"], Attributes=attributes)["QueueUrl"]
        return {"Ref": url}

    def queue_policy(self, given, _):
        for url in given["Queues"]:
            self.service["sqs"].set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(given["PolicyDocument"])})

    def table(self, given, _):
        given = dict(given)
        expiry, recovery = given.pop("TimeToLiveSpecification"), given.pop("PointInTimeRecoverySpecification")
        encrypted = given.pop("SSESpecification")["SSEEnabled"]
        guarded = str(given.pop("DeletionProtectionEnabled")) == "true"
        self.service["dynamodb"].create_table(
            **given, SSESpecification={"Enabled": encrypted}, DeletionProtectionEnabled=guarded
        )
        name = given["TableName"]
        self.service["dynamodb"].update_time_to_live(TableName=name, TimeToLiveSpecification=expiry)
        self.service["dynamodb"].update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)

    def bucket(self, given, _):
        s3, name = self.service["s3"], given["BucketName"]
        # The oldest region is the one that must not be named.
        place = {} if self.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": self.region}}
        s3.create_bucket(Bucket=name, **place)
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=given["PublicAccessBlockConfiguration"])
        s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=given["OwnershipControls"])
        rules = given["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        by_default = [{"ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"]} for rule in rules]
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": by_default})
        s3.put_bucket_lifecycle_configuration(
            Bucket=name, LifecycleConfiguration={"Rules": [_lifecycle(rule) for rule in given["LifecycleConfiguration"]["Rules"]]}
        )
        if "VersioningConfiguration" in given:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=given["VersioningConfiguration"])
        if "CorsConfiguration" in given:
            s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [_cors(rule) for rule in given["CorsConfiguration"]["CorsRules"]]})
        if "NotificationConfiguration" in given:
            asked = given["NotificationConfiguration"]
            told = {"QueueConfigurations": [_notification(one) for one in asked["QueueConfigurations"]]}
            if asked["EventBridgeConfiguration"]["EventBridgeEnabled"]:
                told["EventBridgeConfiguration"] = {}
            s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=told)

    def bucket_policy(self, given, _):
        self.service["s3"].put_bucket_policy(Bucket=given["Bucket"], Policy=json.dumps(given["PolicyDocument"]))

    def secret(self, given, _):
        asked = dict(given["GenerateSecretString"])
        written, key = asked.pop("SecretStringTemplate", None), asked.pop("GenerateStringKey", None)
        text = self.service["secretsmanager"].get_random_password(**asked)["RandomPassword"]
        text = json.dumps(json.loads(written) | {key: text}) if written else text
        return {"Ref": self.service["secretsmanager"].create_secret(Name=given["Name"], SecretString=text)["ARN"]}

    def log_group(self, given, _):
        self.service["logs"].create_log_group(logGroupName=given["LogGroupName"])
        self.service["logs"].put_retention_policy(logGroupName=given["LogGroupName"], retentionInDays=int(given["RetentionInDays"]))

    def role(self, given, resource):
        name = resource.attribute("Ref")
        trusted = json.dumps(given["AssumeRolePolicyDocument"])
        arn = self.service["iam"].create_role(RoleName=name, AssumeRolePolicyDocument=trusted)["Role"]["Arn"]
        for policy in given.get("Policies", []):
            text = json.dumps(policy["PolicyDocument"])
            self.service["iam"].put_role_policy(RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=text)
        # The emulator does not know AWS's own.
        for policy in given.get("ManagedPolicyArns", []):
            if ":iam::aws:" not in policy:
                self.service["iam"].attach_role_policy(RoleName=name, PolicyArn=policy)
        return {"Arn": arn}

    def managed_policy(self, given, resource):
        name, text = resource.attribute("Ref").rsplit("/", 1)[1], json.dumps(given["PolicyDocument"])
        return {"Ref": self.service["iam"].create_policy(PolicyName=name, PolicyDocument=text)["Policy"]["Arn"]}

    def identity_pool(self, given, _):
        pool = self.service["cognito-identity"].create_identity_pool(
            IdentityPoolName=given["IdentityPoolName"],
            AllowUnauthenticatedIdentities=given["AllowUnauthenticatedIdentities"],
            AllowClassicFlow=given["AllowClassicFlow"],
        )
        return {"Ref": pool["IdentityPoolId"]}

    def user_pool(self, given, _):
        given = dict(given)
        made = self.service["cognito-idp"].create_user_pool(PoolName=given.pop("UserPoolName"), **given)
        return {"Ref": made["UserPool"]["Id"]}

    def user_pool_client(self, given, _):
        return {"Ref": self.service["cognito-idp"].create_user_pool_client(**given)["UserPoolClient"]["ClientId"]}

    def api(self, given, _):
        asked = {"Name": given["Name"], "ProtocolType": given["ProtocolType"]}
        if "RouteSelectionExpression" in given:
            asked["RouteSelectionExpression"] = given["RouteSelectionExpression"]
        if "CorsConfiguration" in given:
            asked["CorsConfiguration"] = given["CorsConfiguration"]
        return {"Ref": self.service["apigatewayv2"].create_api(**asked)["ApiId"]}

    def workflow(self, given, resource):
        # The file as it is deployed, with what SAM puts into it.
        definition = (pathlib.Path(resource.stack.folder) / given["DefinitionUri"]).read_text(encoding="utf-8")
        for name, value in given["DefinitionSubstitutions"].items():
            definition = definition.replace("${" + name + "}", value)
        made = self.service["stepfunctions"].create_state_machine(
            name=given["Name"], definition=definition, roleArn=given["Role"], type=given["Type"]
        )
        return {"Ref": made["stateMachineArn"]}

    def bus(self, given, _):
        self.service["events"].create_event_bus(Name=given["Name"], Description=given["Description"])

    def rule(self, given, _):
        made = self.service["events"].put_rule(Name=given["Name"], EventPattern=json.dumps(given["EventPattern"]))
        self.service["events"].put_targets(Rule=given["Name"], Targets=given["Targets"])
        return {"Arn": made["RuleArn"]}


def _lifecycle(rule):
    made = {"ID": rule["Id"], "Status": rule["Status"], "Filter": {"Prefix": rule.get("Prefix", "")}}
    if "ExpirationInDays" in rule:
        made["Expiration"] = {"Days": rule["ExpirationInDays"]}
    for name in ("AbortIncompleteMultipartUpload", "NoncurrentVersionExpiration"):
        if name in rule:
            made[name] = rule[name]
    if "AbortIncompleteMultipartUpload" in made:
        made["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"]}
    return made


def _cors(rule):
    return {
        "ID": rule["Id"],
        "AllowedOrigins": rule["AllowedOrigins"],
        "AllowedMethods": rule["AllowedMethods"],
        "AllowedHeaders": rule["AllowedHeaders"],
        "ExposeHeaders": rule["ExposedHeaders"],
        "MaxAgeSeconds": rule["MaxAge"],
    }


def _notification(one):
    # CloudFormation and S3 write the same thing differently.
    rules = [{"Name": rule["Name"].lower(), "Value": rule["Value"]} for rule in one["Filter"]["S3Key"]["Rules"]]
    return {"QueueArn": one["Queue"], "Events": [one["Event"]], "Filter": {"Key": {"FilterRules": rules}}}


#: What is made, in an order in which whatever is referred to is there.
ORDER = [
    ("Data", ["AWS::SecretsManager::Secret", "AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "AWS::DynamoDB::Table"]),
    ("Data", ["AWS::Events::EventBus"]),
    ("Data", ["AWS::S3::Bucket", "AWS::S3::BucketPolicy"]),
    ("Database", ["AWS::SecretsManager::Secret"]),
    ("Gateways", ["AWS::ApiGatewayV2::Api"]),
    # The emulator cannot attach a role to a pool; what the template attaches is told instead.
    ("Identity", ["AWS::Cognito::IdentityPool", "AWS::IAM::Role"]),
    ("GpuHost", ["AWS::Logs::LogGroup", "AWS::IAM::Role"]),
    ("Compute", ["AWS::Logs::LogGroup", "AWS::IAM::ManagedPolicy", "AWS::IAM::Role"]),
    ("Documents", ["AWS::IAM::Role", "AWS::Serverless::StateMachine", "AWS::SQS::Queue", "AWS::Events::Rule", "AWS::SQS::QueuePolicy"]),
]


def people(emulator, deployment):
    """Makes the user pool of a deployment that has one, beside what it makes in any case, and gives the names of both its parts."""
    root = templates.deployment(deployment, ACCOUNTS, account=emulator.account, region=emulator.region)
    parts = [root.child("Identity").resources[name] for name in ("People", "PeopleClient")]
    for part in parts:
        emulator.make(part)
    return [part.attribute("Ref") for part in parts]


def rehearse(endpoint, deployment="dev", region=templates.REGION):
    """Makes everything, and says what the template says of it."""
    emulator = Emulator(endpoint, region)
    root = templates.deployment(deployment, account=emulator.account, region=region)
    for stack, types in ORDER:
        # Queues of dead letters are named by those that fill them.
        for kind in types:
            chosen = [resource for resource in root.child(stack).resources.values() if resource.type == kind]
            for resource in sorted(chosen, key=lambda one: "RedrivePolicy" in one.written.get("Properties", {})):
                emulator.make(resource)
    compute = root.child("Compute")
    common = compute.value(compute.template["Globals"]["Function"]["Environment"]["Variables"])
    functions = {}
    for resource in compute.resources.values():
        if resource.type == "AWS::Serverless::Function":
            told = common | resource.properties.get("Environment", {}).get("Variables", {})
            functions[templates.function(resource)] = {name: str(value) for name, value in told.items()}
    script = root.child("GpuHost").resources["Template"].properties["LaunchTemplateData"]["UserData"]
    settings = script.split("<<'SETTINGS'\n", 1)[1].split("\nSETTINGS\n", 1)[0]
    host = dict(line.split("=", 1) for line in settings.splitlines())
    attached = root.child("Identity").resources["Roles"].properties
    made = people(emulator, deployment)
    return {"outputs": root.outputs(), "functions": functions, "host": host, "guests": attached, "people": made}


if __name__ == "__main__":
    print(json.dumps(rehearse(*sys.argv[1:])))
