"""Reads the templates as CloudFormation would: parameters, conditions and references across nested stacks, for one of the deployments
in samconfig.toml. It makes nothing and knows no rule."""

import pathlib
import re
import tomllib

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
ACCOUNT = "123456789012"
REGION = "eu-central-1"
#: A value that CloudFormation leaves out.
NOTHING = object()


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    pass


def _tag(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _tag)
# Versions of policies look like dates and are text.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load(path):
    """A template as it is written, with short forms made long."""
    return yaml.load(pathlib.Path(path).read_text(encoding="utf-8"), Loader=_Loader)


def settings(deployment):
    """What samconfig.toml gives a deployment: parameters, and the tags of its stack."""
    config = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    deploy = config[deployment]["deploy"]["parameters"]
    given = dict(pair.split("=", 1) for pair in deploy["parameter_overrides"])
    tags = dict(pair.split("=", 1) for pair in deploy["tags"].split())
    return {name: value.strip("'") for name, value in given.items()}, tags


class Resource:
    """A resource of one stack."""

    def __init__(self, stack, name, written):
        self.stack, self.name, self.written = stack, name, written
        self.type = written["Type"]
        self.made = {}

    def __str__(self):
        return f"{self.stack.name}.{self.name}"

    @property
    def properties(self):
        """Its properties with everything resolved."""
        return self.stack.value(self.written.get("Properties", {}))

    def attribute(self, name):
        """What a reference to it gives; `Ref` for the plain one. What was really made goes before what its name leads to."""
        return self.made[name] if name in self.made else _by_name(self, name)


class Stack:
    """A template with its parameters."""

    def __init__(self, name, path, given, region=REGION, account=ACCOUNT, parent=None):
        self.name, self.region, self.account, self.parent = name, region, account, parent
        self.template, self.folder = load(path), pathlib.Path(path).parent
        self.parameters = self._parameters(given)
        self.resources = {}
        for logical, written in self.template["Resources"].items():
            if "Condition" not in written or self.condition(written["Condition"]):
                self.resources[logical] = Resource(self, logical, written)
        # Nested stacks are resolved when somebody looks into them, because they refer to each other in any order.
        self.nested = {name: None for name, resource in self.resources.items() if resource.type == "AWS::CloudFormation::Stack"}

    def _parameters(self, given):
        declared = self.template.get("Parameters", {})
        unknown = set(given) - set(declared)
        if unknown:
            raise ValueError(f"{self.name} knows no parameter {', '.join(sorted(unknown))}")
        values = {}
        for name, about in declared.items():
            if name not in given and "Default" not in about:
                raise ValueError(f"{self.name} is not given {name}")
            value = given.get(name, about.get("Default"))
            if about["Type"] == "CommaDelimitedList" or about["Type"].startswith("List<"):
                value = value if isinstance(value, list) else [part for part in str(value).split(",")]
            values[name] = value
        return values

    def child(self, name):
        """A nested stack."""
        if self.nested.get(name) is None:
            written = self.template["Resources"][name]["Properties"]
            given = self.value(written.get("Parameters", {}))
            self.nested[name] = Stack(name, ROOT / written["TemplateURL"], given, self.region, self.account, self)
        return self.nested[name]

    def stacks(self):
        """This one and all below it."""
        yield self
        for name in self.nested:
            yield from self.child(name).stacks()

    def outputs(self):
        """What it gives out."""
        told = self.template.get("Outputs", {}).items()
        given = {name: output for name, output in told if "Condition" not in output or self.condition(output["Condition"])}
        return {name: self.value(output["Value"]) for name, output in given.items()}

    def condition(self, name):
        """Whether a condition holds."""
        return self.value(self.template["Conditions"][name])

    def reference(self, name):
        """What `Ref` gives."""
        pseudo = {
            "AWS::Region": self.region,
            "AWS::AccountId": self.account,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": self.name,
            "AWS::StackId": f"arn:aws:cloudformation:{self.region}:{self.account}:stack/{self.name}",
            "AWS::NoValue": NOTHING,
        }
        if name in pseudo:
            return pseudo[name]
        if name in self.parameters:
            return self.parameters[name]
        if name in self.resources:
            return self.resources[name].attribute("Ref")
        raise ValueError(f"{self.name} refers to {name}, which is not there")

    def get(self, name, attribute):
        """What `GetAtt` gives."""
        if name in self.nested:
            return self.child(name).value(self.child(name).template["Outputs"][attribute.removeprefix("Outputs.")]["Value"])
        if name not in self.resources:
            raise ValueError(f"{self.name} refers to {name}, which is not there")
        return self.resources[name].attribute(attribute)

    def value(self, node):
        """What something written comes to."""
        if isinstance(node, list):
            return [part for part in map(self.value, node) if part is not NOTHING]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            (key, argument), = node.items()
            if key in ("Ref", "Condition") or key.startswith("Fn::"):
                return self._intrinsic(key, argument)
        resolved = {key: self.value(part) for key, part in node.items()}
        return {key: part for key, part in resolved.items() if part is not NOTHING}

    def _intrinsic(self, key, argument):
        if key == "Fn::If":
            name, yes, no = argument
            return self.value(yes if self.condition(name) else no)
        if key == "Ref":
            return self.reference(argument)
        if key == "Condition":
            return self.condition(argument)
        if key == "Fn::GetAtt":
            return self.get(argument[0], ".".join(argument[1:]))
        if key == "Fn::Sub":
            return self._substitute(argument)
        argument = self.value(argument)
        if key == "Fn::Join":
            return argument[0].join(map(str, argument[1]))
        if key == "Fn::Split":
            return argument[1].split(argument[0])
        if key == "Fn::Select":
            return argument[1][int(argument[0])]
        if key == "Fn::Equals":
            return str(argument[0]) == str(argument[1])
        if key == "Fn::Not":
            return not argument[0]
        if key == "Fn::And":
            return all(argument)
        if key == "Fn::Or":
            return any(argument)
        if key == "Fn::GetAZs":
            return [f"{self.region}{letter}" for letter in "abc"]
        if key == "Fn::Base64":
            return argument
        raise ValueError(f"{key} is not known here")

    def _substitute(self, argument):
        text, own = (argument, {}) if isinstance(argument, str) else (argument[0], self.value(argument[1]))

        def one(match):
            name = match.group(1)
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in own:
                return str(own[name])
            if "." in name:
                return str(self.get(*name.split(".", 1)))
            return str(self.reference(name))

        return re.sub(r"\$\{([^}]+)\}", one, text)


#: For types whose names say what refers to them: the property with the name, `Ref`, and the ARN. `{n}` is the name.
_NAMED = {
    "AWS::S3::Bucket": ("BucketName", "{n}", "arn:aws:s3:::{n}"),
    "AWS::DynamoDB::Table": ("TableName", "{n}", "arn:aws:dynamodb:{r}:{a}:table/{n}"),
    "AWS::SQS::Queue": ("QueueName", "https://sqs.{r}.amazonaws.com/{a}/{n}", "arn:aws:sqs:{r}:{a}:{n}"),
    "AWS::SNS::Topic": ("TopicName", "arn:aws:sns:{r}:{a}:{n}", "arn:aws:sns:{r}:{a}:{n}"),
    "AWS::SecretsManager::Secret": ("Name", "arn:aws:secretsmanager:{r}:{a}:secret:{n}-AbCdEf", None),
    "AWS::Logs::LogGroup": ("LogGroupName", "{n}", "arn:aws:logs:{r}:{a}:log-group:{n}:*"),
    "AWS::Serverless::Function": ("FunctionName", "{n}", "arn:aws:lambda:{r}:{a}:function:{n}"),
    "AWS::Serverless::StateMachine": ("Name", "arn:aws:states:{r}:{a}:stateMachine:{n}", "arn:aws:states:{r}:{a}:stateMachine:{n}"),
    "AWS::Events::EventBus": ("Name", "{n}", "arn:aws:events:{r}:{a}:event-bus/{n}"),
    "AWS::Events::Rule": ("Name", "{n}", "arn:aws:events:{r}:{a}:rule/{n}"),
    "AWS::IAM::Role": ("RoleName", "{n}", "arn:aws:iam::{a}:role/{n}"),
    "AWS::IAM::ManagedPolicy": ("ManagedPolicyName", "arn:aws:iam::{a}:policy/{n}", None),
}


def _by_name(resource, attribute):
    stack = resource.stack
    prefix = stack.parameters.get("Prefix", stack.name)
    if resource.type not in _NAMED:
        return f"{prefix}-{resource.name}" if attribute == "Ref" else f"{prefix}-{resource.name}-{attribute}"
    prop, plain, arn = _NAMED[resource.type]
    # Whatever has no name of its own is given one by CloudFormation.
    name = stack.value(resource.written.get("Properties", {}).get(prop)) or f"{prefix}-{resource.name}"
    pattern = plain if attribute == "Ref" else arn
    if pattern is None or attribute not in ("Ref", "Arn"):
        return f"{name}-{attribute}"
    return pattern.format(n=name, r=stack.region, a=stack.account)


def function(resource):
    """What a function is called in all deployments, as its program is; two share one."""
    return resource.properties["FunctionName"].replace(resource.stack.parameters["Prefix"], "lambda", 1)


def deployment(name, also=None, **options):
    """The root stack of a deployment, with some parameters given otherwise."""
    return Stack("Root", ROOT / "template.yaml", settings(name)[0] | (also or {}), **options)
