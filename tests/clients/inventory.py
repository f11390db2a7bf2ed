"""Reads back what is kept at an address in place of AWS: buckets, tables, queues, roles, user pools and logs, as one object of JSON."""

import json
import sys

import boto3

session = boto3.Session("AKIDOPERATOR", "secret", region_name="eu-central-1")
s3, dynamodb, sqs, iam, logs, cognito = (
    session.client(name, endpoint_url=sys.argv[1]) for name in ("s3", "dynamodb", "sqs", "iam", "logs", "cognito-idp")
)


def bucket(name):
    policy = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])
    return {
        "lifecycle": s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"],
        "told": s3.get_bucket_notification_configuration(Bucket=name).get("QueueConfigurations", []),
        "encryption": s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"],
        "closed": s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"],
        "policy": policy["Statement"],
    }


def origins(name):
    return s3.get_bucket_cors(Bucket=name)["CORSRules"][0]


def table(name):
    about = dynamodb.describe_table(TableName=name)["Table"]
    indexes = about.get("GlobalSecondaryIndexes", [])
    recovery = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    return {
        "keys": [key["AttributeName"] for key in about["KeySchema"]],
        "types": {one["AttributeName"]: one["AttributeType"] for one in about["AttributeDefinitions"]},
        "indexes": {index["IndexName"]: [key["AttributeName"] for key in index["KeySchema"]] for index in indexes},
        "billing": about["BillingModeSummary"]["BillingMode"],
        "expiry": dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"],
        "recovery": recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
    }


def queue(url):
    said = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return {name: json.loads(value) if value.startswith("{") else value for name, value in said.items()}


def role(name):
    trusted = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    own = [iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"] for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]]
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    return {"trust": trusted, "policies": own, "attached": [policy["PolicyName"] for policy in attached]}


def user_pool(name):
    clients = cognito.list_user_pool_clients(UserPoolId=name, MaxResults=9)["UserPoolClients"]
    described = [cognito.describe_user_pool_client(UserPoolId=name, ClientId=one["ClientId"])["UserPoolClient"] for one in clients]
    return cognito.describe_user_pool(UserPoolId=name)["UserPool"] | {"clients": described}


buckets = [one["Name"] for one in s3.list_buckets()["Buckets"]]
print(
    json.dumps(
        {
            "buckets": {name: bucket(name) for name in buckets},
            "cors": {name: origins(name) for name in buckets if name.endswith("-recordings-123456789012")},
            "tables": {name: table(name) for name in dynamodb.list_tables()["TableNames"]},
            "queues": {url.rsplit("/", 1)[1]: queue(url) for url in sqs.list_queues()["QueueUrls"]},
            "roles": {one["RoleName"]: role(one["RoleName"]) for one in iam.list_roles()["Roles"]},
            "people": {one["Id"]: user_pool(one["Id"]) for one in cognito.list_user_pools(MaxResults=9)["UserPools"]},
            "logs": {one["logGroupName"]: one.get("retentionInDays") for one in logs.describe_log_groups()["logGroups"]},
        },
        default=str,
    )
)
