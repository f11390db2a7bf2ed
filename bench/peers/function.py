"""A function in Python as AWS starts one: imports boto3, creates the clients that are named, and polls for events.

    function.py SERVICE…"""

import http.client
import os
import sys

import boto3

endpoint = os.environ["AWS_ENDPOINT_URL"]
session = boto3.session.Session(region_name=os.environ["AWS_REGION"])
# The gateway has an address of its own.
elsewhere = {"apigatewaymanagementapi": os.environ["SYNAPSCRIBE_GATEWAY_URL"]}
clients = [session.client(service, endpoint_url=elsewhere.get(service, endpoint)) for service in sys.argv[1:]]

runtime = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
runtime.request("GET", "/2018-06-01/runtime/invocation/next")
runtime.getresponse().read()
