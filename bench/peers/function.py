"""A function in Python as AWS starts one: imports boto3, creates the clients of the deployment's functions, and polls for events."""

import http.client
import os

import boto3

region = os.environ["AWS_REGION"]
endpoint = os.environ["AWS_ENDPOINT_URL"]
session = boto3.session.Session(region_name=region)
clients = [
    session.client(service, endpoint_url=endpoint) for service in ("dynamodb", "s3", "sqs", "secretsmanager")
] + [session.client("apigatewaymanagementapi", endpoint_url=os.environ["SYNAPSCRIBE_GATEWAY_URL"])]

runtime = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
runtime.request("GET", "/2018-06-01/runtime/invocation/next")
runtime.getresponse().read()
