"""The policy sees what it is there to see: each of these changes to a template has to be found by the rule that is named."""

import pathlib
import shutil
import tempfile
import unittest

import policy
import templates

#: The rule that has to speak, the template, what is written, and what is written instead.
CHANGES = [
    ("resource-is-named", "compute", 'Resource: !Ref DatabaseSecretArn', 'Resource: "*"'),
    ("action-is-named", "compute", "Action: execute-api:ManageConnections", 'Action: "execute-api:*"'),
    ("principal-is-named", "data", "Principal: { Service: s3.amazonaws.com }", 'Principal: "*"'),
    ("policies-are-our-own", "compute", "Role: !GetAtt LibraryRole.Arn", "ProvisionedConcurrencyConfig: {}"),
    ("guests-reach-their-own", "identity", "/queries/${!cognito-identity.amazonaws.com:sub}/*", "/queries/*"),
    ("accounts-may-do-as-guests", "identity", "Action: [s3:PutObject, s3:AbortMultipartUpload, s3:ListMultipartUploadParts]", "Action: s3:PutObject"),
    ("routes-are-signed", "api", "      RouteKey: GET /api/{path+}\n      AuthorizationType: AWS_IAM\n", "      RouteKey: GET /api/{path+}\n"),
    ("routes-are-signed", "api", "      HttpMethod: POST\n      AuthorizationType: AWS_IAM\n", "      HttpMethod: POST\n      AuthorizationType: NONE\n"),
    ("buckets-are-closed", "data", "BlockPublicPolicy: true", "BlockPublicPolicy: false"),
    ("nobody-from-outside", "network", "SourceSecurityGroupId: !Ref FunctionsGroup\n      IpProtocol: tcp\n      FromPort: 8000", "CidrIp: 0.0.0.0/0\n      IpProtocol: tcp\n      FromPort: 8000"),
    ("ways-out-are-few", "network", '{ IpProtocol: "-1", CidrIp: 127.0.0.1/32, Description: Nowhere }', '{ IpProtocol: "-1", CidrIp: 0.0.0.0/0 }'),
    ("no-public-addresses", "database", "PubliclyAccessible: false", "PubliclyAccessible: true"),
    ("machines-are-closed", "gpu-host", "HttpTokens: required", "HttpTokens: optional"),
    ("campuses-come-in", "firewall", "Default: 20000", "Default: 2000"),
    ("encrypted-where-kept", "data", "SSESpecification: { SSEEnabled: true }", "SSESpecification: { SSEEnabled: false }"),
    ("encrypted-where-kept", "gpu-host", "Encrypted: true, ", ""),
    ("encrypted-on-the-way", "database", 'rds.force_ssl: "1"', 'rds.force_ssl: "0"'),
    ("encrypted-on-the-way", "edge", "ViewerProtocolPolicy: redirect-to-https", "ViewerProtocolPolicy: allow-all"),
    ("encrypted-on-the-way", "gateways", "      SecurityPolicy: SecurityPolicy_TLS13_1_2_PQ_2025_09\n", ""),
    ("buckets-and-queues-refuse-plain-http", "data", "Resource: [!GetAtt Releases.Arn, !Sub \"${Releases.Arn}/*\"]", "Resource: elsewhere"),
    ("logs-end", "network", "RetentionInDays: !Ref LogDays", "RetentionInDays: 365"),
    ("logs-of-services-end", "database", "LogGroupName: !Sub /aws/rds/proxy/${Prefix}", "LogGroupName: !Sub /aws/rds/proxy/${Prefix}-other"),
    ("databases-log-nothing-of-people", "database", '        log_parameter_max_length: "0"\n', ""),
    ("functions-are-watched", "compute", "Tracing: Active", "Tracing: PassThrough"),
    ("functions-are-watched", "compute", ", ApplicationLogLevel: TRACE", ""),
    ("functions-are-watched", "compute", "/aws/lambda/${Prefix}-library", "/aws/lambda/${Prefix}-other"),
    ("functions-are-watched", "alarms", "MetricName: Throttles", "MetricName: Invocations"),
    ("functions-are-watched", "alarms", "      MetricName: Duration\n      Dimensions:\n        - { Name: FunctionName, Value: !Ref AccountsFunction }", "      MetricName: Invocations\n      Dimensions:\n        - { Name: FunctionName, Value: !Ref AccountsFunction }"),
    ("tables-are-watched", "alarms", "Value: byPerson", "Value: byOwner"),
    ("tables-are-watched", "alarms", "MetricName: WriteThrottleEvents", "MetricName: SystemErrors"),
    ("errors-are-asked-for-everywhere", "dashboard", "        - !Sub /aws/lambda/${MigrateFunction}\n", ""),
    ("workflows-are-watched", "alarms", "MetricName: ExecutionsFailed", "MetricName: ExecutionsStarted"),
    ("workflows-are-watched", "documents", "      Tracing: { Enabled: true }\n", ""),
    ("workflows-are-watched", "documents", "          DeadLetterConfig: { Arn: !GetAtt NotStarted.Arn }\n", ""),
    ("alarms-are-heard", "alarms", "      AlarmActions: [!Ref NoticesTopicArn]\n", ""),
    ("tables-forget-and-recover", "data", "TimeToLiveSpecification: { AttributeName: expiresAt, Enabled: true }", "TimeToLiveSpecification: { AttributeName: endsAt, Enabled: true }"),
    ("queues-fit-their-functions", "compute", "Timeout: 180", "Timeout: 300"),
    ("everything-is-tagged", "gpu-host", "{ Key: Deployment, Value: !Ref Prefix }", "{ Key: Other, Value: !Ref Prefix }"),
]


class Policy(unittest.TestCase):
    def test_every_rule_is_tried(self):
        self.assertEqual({rule for rule, *_ in CHANGES}, set(policy.RULES))

    def test_each_change_is_found(self):
        whole = templates.ROOT
        for rule, stack, written, instead in CHANGES:
            with self.subTest(rule=rule, stack=stack), tempfile.TemporaryDirectory() as folder:
                templates.ROOT = pathlib.Path(folder)
                try:
                    shutil.copytree(whole / "stacks", templates.ROOT / "stacks")
                    for name in ("template.yaml", "samconfig.toml"):
                        shutil.copy(whole / name, templates.ROOT)
                    path = templates.ROOT / f"stacks/{stack}.yaml"
                    text = path.read_text(encoding="utf-8")
                    self.assertIn(written, text)
                    path.write_text(text.replace(written, instead, 1), encoding="utf-8")
                    self.assertIn(rule, {found[0] for found in policy.check()})
                finally:
                    templates.ROOT = whole


if __name__ == "__main__":
    unittest.main()
