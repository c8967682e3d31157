#!/usr/bin/env python3
"""Checks the templates: LAB_PYTHON cloudformation/tests/test_templates.py     wants cfn-lint, see test-deploy

cfn-lint without a warning; policies on every combination of the parameters that conditions hang on; what the templates
allow is what scripts/iam-policy prints; user data are sound shell; and the stacks are deployed into moto, and what came
out is compared with what was meant, as far as moto goes (it makes no lifecycle hooks from a template).
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
import subprocess
import tempfile
import unittest
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "cloudformation"
NAMES = ("network", "etcd-peers", "etcd-proxy", "quickstart")
NOTHING = object()  # AWS::NoValue

# What stands for the pseudo parameters, and what user data name of a resource, while a template is rendered.
PSEUDO = {
    "AWS::StackName": "etcd",
    "AWS::Region": "us-east-1",
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::NoValue": NOTHING,
    "NetworkLoadBalancer.DNSName": "etcd-1.elb.us-east-1.amazonaws.com",
}

SUM = "0" * 64
COMMON = {
    "VpcId": "vpc-1", "SubnetIds": ["subnet-1", "subnet-2", "subnet-3"], "BundleSha256": SUM, "EtcdSha256": SUM,
    "PeersGroupName": "etcd", "ClientSecurityGroupId": "sg-11111111",
}  # fmt: skip
# Every value that a condition asks for, and its opposite.
CHOICES: dict[str, dict[str, list[dict[str, str]]]] = {
    "etcd-peers": {
        "token": [{}, {"ClusterToken": "token"}],
        "size": [{"ClusterSize": size} for size in ("1", "3", "5", "7")],
        "machines": [
            {},
            {"OperatingSystem": "debian-12", "Architecture": "arm64"},
            {"ImageId": "ami-12345678", "InstanceType": "m7g.large"},
        ],
        "volumes": [{}, {"VolumeKmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/a", "DataVolumesOnTermination": "keep"}],
        "releases": [
            {"BundleUrl": "https://example.com/b.tar.gz"},
            {"BundleUrl": "s3://bucket/a/b.tar.gz"},
            {"BundleUrl": "https://example.com/b.tar.gz", "EtcdUrl": "s3://bucket/etcd.tar.gz"},
            {"BundleUrl": "s3://bucket/a/b.tar.gz", "EtcdUrl": "s3://other/etcd.tar.gz"},
        ],
        "tls": [
            {},
            {"TlsAuthoritySource": "secretsmanager", "TlsAuthority": "etcd/authority"},
            {"TlsAuthoritySource": "ssm", "TlsAuthority": "etcd/authority", "TlsKmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/b"},
        ],
        "access": [{}, {"AdminAccess": "none"}, {"AdminAccess": "ssh", "KeyName": "key", "SshSecurityGroupId": "sg-12345678"}],
        "names": [{}, {"LoadBalancer": "yes"}, {"LoadBalancer": "yes", "HostedZoneId": "Z12345678", "DnsName": "etcd.internal"}],
        "alarms": [{}, {"Alarms": "no"}, {"AlarmTopicArn": "arn:aws:sns:us-east-1:123456789012:topic"}],
    },
    "etcd-proxy": {
        "machines": [{}, {"OperatingSystem": "debian-12", "Architecture": "arm64"}, {"ImageId": "ami-12345678", "InstanceType": "m7g.large"}],
        "releases": [
            {"BundleUrl": "https://example.com/b.tar.gz"},
            {"BundleUrl": "s3://bucket/a/b.tar.gz", "EtcdUrl": "s3://other/etcd.tar.gz"},
            {"BundleUrl": "s3://bucket/a/b.tar.gz", "EtcdUrl": "https://example.com/etcd.tar.gz"},
        ],
        "tls": [
            {},
            {"TlsAuthoritySource": "secretsmanager", "TlsAuthority": "etcd/authority"},
            {"TlsAuthoritySource": "ssm", "TlsAuthority": "etcd/authority", "TlsKmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/b"},
        ],
        "access": [{}, {"AdminAccess": "none"}],
    },
    "quickstart": {
        "all": [{"BundleUrl": "s3://bucket/b.tar.gz", "TemplatesUrl": "https://example.com/t", "WithProxy": choice} for choice in ("no", "yes")]
    },
    "network": {"all": [{}]},
}

# Resources that cannot be named for these: AWS knows them for "*" alone.
WITHOUT_RESOURCE = {
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:DescribeAutoScalingGroups",
    "ec2:DescribeInstances",
    "cloudwatch:PutMetricData",  # but with a condition
    "ssm:UpdateInstanceInformation",  # knows instances, whose ids are not known before
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
}


# Types that take no tags of their own.
WITHOUT_TAGS = {
    "AWS::EC2::Route", "AWS::EC2::SecurityGroupEgress", "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPCGatewayAttachment", "AWS::ElasticLoadBalancingV2::Listener", "AWS::IAM::InstanceProfile", "AWS::IAM::RolePolicy",
    "AWS::Route53::RecordSet",
}  # fmt: skip


class Loader(yaml.SafeLoader):
    """Reads YAML with CloudFormation's short forms, as their long forms."""


def construct(loader: Loader, suffix: str, node: yaml.Node) -> Any:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        return {name: value.split(".", 1) if suffix == "GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


Loader.add_multi_constructor("!", construct)


def load(name: str) -> dict[str, Any]:
    return yaml.load((TEMPLATES / f"{name}.yaml").read_text(), Loader)


class Template:
    """A template, and what of it has been rendered: a resource differs only with the parameters that it depends on."""

    def __init__(self, name: str) -> None:
        self.content = load(name)
        self.dependencies = {key: sorted(self.parameters_in(part)) for key, part in self.content["Resources"].items()}
        self.rendered: dict[tuple[str, ...], dict[str, Any]] = {}

    def parameters_in(self, node: Any) -> set[str]:
        """All parameters whose values matter to a part of the template, by way of its conditions, too."""
        if isinstance(node, list):
            return set().union(*(self.parameters_in(part) for part in node))
        if isinstance(node, dict):
            return set().union(*(self.parameters_in(part) for part in node.values()), *(self.named(*item) for item in node.items()))
        return set(re.findall(r"\$\{([A-Za-z0-9]+)\}", node)) & self.content["Parameters"].keys() if isinstance(node, str) else set()

    def named(self, key: str, argument: Any) -> set[str]:
        if key == "Ref":
            return {argument} & self.content["Parameters"].keys()
        condition = argument if key == "Condition" else argument[0] if key == "Fn::If" else None
        return self.parameters_in(self.content["Conditions"][condition]) if isinstance(condition, str) else set()


class Rendering:
    """A template with its parameters filled in and its conditions decided, as CloudFormation does it."""

    def __init__(self, whole: Template, parameters: dict[str, Any]) -> None:
        self.template = template = whole.content
        self.values = dict(PSEUDO)
        for name, definition in template["Parameters"].items():
            given = parameters.get(name, COMMON.get(name))
            if given is None:
                given = definition["Default"]
            self.values[name] = given if isinstance(given, list) else str(given)
        self.conditions: dict[str, bool] = {}
        for name in template.get("Conditions", {}):
            self.condition(name)
        self.resources = {
            name: self.resource(name, whole)
            for name, resource in template["Resources"].items()
            if "Condition" not in resource or self.condition(resource["Condition"])
        }

    def resource(self, name: str, whole: Template) -> dict[str, Any]:
        key = (name, *(str(self.values[parameter]) for parameter in whole.dependencies[name]))
        if key not in whole.rendered:
            whole.rendered[key] = {part: self.render(value) for part, value in self.template["Resources"][name].items()}
        return whole.rendered[key]

    def condition(self, name: str) -> bool:
        if name not in self.conditions:
            self.conditions[name] = self.decide(self.template["Conditions"][name])
        return self.conditions[name]

    def decide(self, expression: dict[str, Any]) -> bool:
        ((function, argument),) = expression.items()
        if function == "Condition":
            return self.condition(argument)
        if function == "Fn::Equals":
            first, second = (self.render(part) for part in argument)
            return bool(first == second)
        decided = [self.decide(part) for part in argument]
        return {"Fn::Not": not decided[0], "Fn::And": all(decided), "Fn::Or": any(decided)}[function]

    def render(self, node: Any) -> Any:
        if isinstance(node, list):
            rendered = [self.render(part) for part in node]
            return [part for part in rendered if part is not NOTHING]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((name, argument),) = node.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self.call(name, argument)
        rendered_parts = {key: self.render(value) for key, value in node.items()}
        return {key: value for key, value in rendered_parts.items() if value is not NOTHING}

    def call(self, name: str, argument: Any) -> Any:
        if name == "Ref":
            return self.values.get(argument, f"<{argument}>")
        if name == "Fn::If":
            return self.render(argument[1 if self.condition(argument[0]) else 2])
        if name == "Fn::GetAtt":
            return f"<{'.'.join(argument)}>"
        if name == "Fn::Sub":
            return self.substitute(argument)
        if name == "Fn::Base64":
            return self.render(argument)
        if name == "Fn::Cidr" or name == "Fn::GetAZs":
            return [f"<{name} {number}>" for number in range(4)]
        parts = self.render(argument)
        if name == "Fn::Select":
            return parts[1][int(parts[0])]
        if name == "Fn::Split":
            return parts[1].split(parts[0])
        if name == "Fn::Join":
            return parts[0].join(parts[1])
        if name == "Fn::FindInMap":
            return self.template["Mappings"][parts[0]][parts[1]][parts[2]]
        raise AssertionError(f"{name} is not known here")

    def substitute(self, argument: Any) -> str:
        text, more = (argument, {}) if isinstance(argument, str) else argument
        own = {key: self.render(value) for key, value in more.items()}

        def value(match: re.Match[str]) -> str:
            key = match.group(1)
            found = own[key] if key in own else self.values.get(key, f"<{key}>")
            return ",".join(found) if isinstance(found, list) else str(found)

        return re.sub(r"\$\{([^!}][^}]*)\}", value, text).replace("${!", "${")

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        return {name: resource.get("Properties", {}) for name, resource in self.resources.items() if resource["Type"] == kind}

    def statements(self) -> Iterator[dict[str, Any]]:
        for role in self.of_type("AWS::IAM::Role").values():
            for policy in role.get("Policies", []):
                yield from policy["PolicyDocument"]["Statement"]
        for policy in self.of_type("AWS::IAM::RolePolicy").values():
            yield from policy["PolicyDocument"]["Statement"]


def combinations(name: str) -> Iterator[dict[str, str]]:
    for chosen in itertools.product(*CHOICES[name].values()):
        yield {key: value for part in chosen for key, value in part.items()}


def renderings(name: str) -> Iterator[Rendering]:
    template = Template(name)
    for parameters in combinations(name):
        yield Rendering(template, parameters)


class TemplatesTest(unittest.TestCase):
    """The templates as they are, and in every combination."""

    def test_cfnLintHasNothingToSay(self) -> None:
        files = [str(TEMPLATES / f"{name}.yaml") for name in NAMES]
        result = subprocess.run(["cfn-lint", *files], capture_output=True, text=True)
        self.assertEqual((0, ""), (result.returncode, result.stdout + result.stderr))

    def test_everyParameterHasADescriptionAConstraintAndAPlaceInTheConsole(self) -> None:
        for name in NAMES:
            template = load(name)
            interface = template["Metadata"]["AWS::CloudFormation::Interface"]
            placed = [parameter for group in interface["ParameterGroups"] for parameter in group["Parameters"]]
            self.assertEqual(sorted(template["Parameters"]), sorted(placed), name)
            self.assertEqual(sorted(template["Parameters"]), sorted(interface["ParameterLabels"]), name)
            for parameter, definition in template["Parameters"].items():
                self.assertIn("Description", definition, f"{name} {parameter}")
                constrained = definition["Type"] not in ("String", "Number") or parameter == "KeyName"
                self.assertTrue(constrained or {"AllowedValues", "AllowedPattern", "MinValue"} & definition.keys(), f"{name} {parameter}")

    def test_everythingThatCanBeTaggedIsTagged(self) -> None:
        for name in NAMES:
            for resource, definition in load(name)["Resources"].items():
                if definition["Type"] not in WITHOUT_TAGS:
                    self.assertTrue({"Tags", "TagSpecifications"} & definition["Properties"].keys(), f"{name} {resource}")

    def test_everyCombinationIsRenderedAndHeldAgainstThePolicies(self) -> None:
        seen = 0
        for name in NAMES:
            for rendering in renderings(name):
                seen += 1
                with self.subTest(name, **{k: v for k, v in rendering.values.items() if k not in PSEUDO and isinstance(v, str)}):
                    self.hold_policies(rendering)
        print(f"{seen} combinations")

    def hold_policies(self, rendering: Rendering) -> None:
        self.hold_network(rendering)
        self.hold_machines(rendering)
        self.hold_permissions(rendering)

    def hold_network(self, rendering: Rendering) -> None:
        rules = list(rendering.of_type("AWS::EC2::SecurityGroupIngress").values())
        for group in rendering.of_type("AWS::EC2::SecurityGroup").values():
            rules += group.get("SecurityGroupIngress", [])
        for rule in rules:
            # From security groups alone: no addresses, so not from everywhere.
            self.assertIn("SourceSecurityGroupId", rule)
            self.assertFalse({"CidrIp", "CidrIpv6"} & rule.keys(), rule)
            self.assertEqual("tcp", rule["IpProtocol"])
            self.assertIn((rule["FromPort"], rule["ToPort"]), [(2379, 2379), (2379, 2380), (22, 22)])
            if rule["ToPort"] == 2380:  # the peer port is for peers
                self.assertEqual(("<PeerSecurityGroup>", "<PeerSecurityGroup>"), (rule["GroupId"], rule["SourceSecurityGroupId"]))
            if rule["FromPort"] == 22:
                self.assertEqual("ssh", rendering.values["AdminAccess"])
        for balancer in rendering.of_type("AWS::ElasticLoadBalancingV2::LoadBalancer").values():
            self.assertEqual("internal", balancer["Scheme"])
        for subnet in rendering.of_type("AWS::EC2::Subnet").values():
            self.assertIs(False, subnet["MapPublicIpOnLaunch"])

    def hold_machines(self, rendering: Rendering) -> None:
        for template in rendering.of_type("AWS::EC2::LaunchTemplate").values():
            data = template["LaunchTemplateData"]
            self.assertEqual(("required", 2), (data["MetadataOptions"]["HttpTokens"], data["MetadataOptions"]["HttpPutResponseHopLimit"]))
            self.assertEqual([False], [interface["AssociatePublicIpAddress"] for interface in data["NetworkInterfaces"]])
            for device in data["BlockDeviceMappings"]:
                self.assertIs(True, device["Ebs"]["Encrypted"])
            self.assertEqual(rendering.values.get("AdminAccess") == "ssh", "KeyName" in data)
        for group in rendering.of_type("AWS::AutoScaling::AutoScalingGroup").values():
            self.assertEqual("EC2", group["HealthCheckType"])

    def hold_permissions(self, rendering: Rendering) -> None:
        for statement in rendering.statements():
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            for action in actions:
                self.assertNotIn("*", action)
                if statement["Resource"] == "*":
                    self.assertIn(action, WITHOUT_RESOURCE)
                else:
                    self.assertRegex(statement["Resource"], r"^arn:aws:[a-z0-9]+:")
            self.assertNotIn("none", statement["Resource"].split(":")[-1], "the object of a URL that is not in S3")

    def test_whatTheTemplatesAllowIsWhatThePolicyScriptPrints(self) -> None:
        for template, what in (("etcd-peers", "member"), ("etcd-proxy", "proxy")):
            rendering = next(renderings(template))
            (role,) = rendering.of_type("AWS::IAM::Role").values()
            (policy,) = (policy["PolicyDocument"] for policy in role["Policies"] if policy["PolicyName"] == "etcd-aws")
            command = [ROOT / "scripts/iam-policy", what, "--group", "etcd", "--region", "us-east-1", "--account", "123456789012"]
            printed = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
            self.assertEqual(normal(printed), normal(policy), template)
            (allowed,) = (statement for statement in rendering.statements() if statement["Sid"] == "TellTheStack")
            command[1] = "install"
            printed = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
            self.assertEqual(normal(printed), normal({"Statement": [allowed]}), template)
        rendering = next(renderings("etcd-peers"))
        metrics = json.loads(subprocess.run([ROOT / "scripts/iam-policy", "metrics"], check=True, capture_output=True).stdout)
        allowed = next(p for p in rendering.of_type("AWS::IAM::RolePolicy").values() if p["PolicyName"] == "metrics")
        self.assertEqual(normal(metrics), normal(allowed["PolicyDocument"]))

    def test_aProxyMayChangeNothing(self) -> None:
        for rendering in renderings("etcd-proxy"):
            for statement in rendering.statements():
                if not statement["Sid"].startswith(("TellTheStack", "OpenSessions")):
                    actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
                    for action in actions:
                        self.assertRegex(action.split(":")[1], "^(Describe|Get|Decrypt)")

    def test_theGroupReplacesOneNodeAtATimeAndWaitsForItsHooks(self) -> None:
        for rendering in renderings("etcd-peers"):
            (group,) = (resource for resource in rendering.resources.values() if resource["Type"] == "AWS::AutoScaling::AutoScalingGroup")
            size = rendering.values["ClusterSize"]
            update = group["UpdatePolicy"]["AutoScalingRollingUpdate"]
            self.assertEqual((1, size, True), (update["MaxBatchSize"], update["MinInstancesInService"], update["WaitOnResourceSignals"]))
            properties = group["Properties"]
            self.assertEqual((size, size, str(int(size) + 1)), (properties["MinSize"], properties["DesiredCapacity"], properties["MaxSize"]))
            hooks = {hook["LifecycleHookName"]: (hook["LifecycleTransition"], hook["DefaultResult"]) for hook in properties["LifecycleHookSpecificationList"]}
            self.assertEqual(
                {
                    "etcd-aws-launch": ("autoscaling:EC2_INSTANCE_LAUNCHING", "ABANDON"),
                    "etcd-aws-terminate": ("autoscaling:EC2_INSTANCE_TERMINATING", "CONTINUE"),
                },
                hooks,
            )

    def test_userDataAreSoundShellAndCallTheInstallScriptWithOptionsThatItKnows(self) -> None:
        help_text = subprocess.run([ROOT / "scripts/install", "--help"], check=True, capture_output=True, text=True).stdout
        checked = set()
        for name in ("etcd-peers", "etcd-proxy"):
            for rendering in renderings(name):
                (template,) = rendering.of_type("AWS::EC2::LaunchTemplate").values()
                script = template["LaunchTemplateData"]["UserData"]
                self.assertLess(len(script), 4096)
                if script in checked:
                    continue
                checked.add(script)
                self.assertNotIn("<", script.replace("<<", ""))  # nothing is left to fill in
                for option in re.findall(r" (--[a-z0-9-]+)", script.split("scripts/install")[1]):
                    self.assertIn(option, help_text)
        for script in list(checked)[:: max(1, len(checked) // 12)]:
            result = subprocess.run(["shellcheck", "-s", "bash", "-"], input=script, capture_output=True, text=True)
            # SC2194: after rendering, the URL in "case" is a constant.
            problems = [line for line in result.stdout.splitlines() if re.search(r"SC\d+", line) and "SC2194" not in line and "SC2195" not in line and "wiki" not in line]
            self.assertEqual([], problems, script)

    def test_theCertificatesHaveTheNamesThatClientsCall(self) -> None:
        for rendering in renderings("etcd-peers"):
            (template,) = rendering.of_type("AWS::EC2::LaunchTemplate").values()
            named = re.findall(r"--tls-name '([^']*)'", template["LaunchTemplateData"]["UserData"])
            called = ["etcd-1.elb.us-east-1.amazonaws.com"] if rendering.values["LoadBalancer"] == "yes" else []
            called += [rendering.values["DnsName"]] if rendering.values["DnsName"] else []
            self.assertEqual(called if rendering.values["TlsAuthoritySource"] != "none" else [], named)

    def run_user_data(self, name: str, url: str, checksum: str) -> str:
        """Runs user data up to install, of which this is none, and answers what was said."""
        values = {"BundleUrl": url, "BundleSha256": checksum}
        (template,) = Rendering(Template(name), values).of_type("AWS::EC2::LaunchTemplate").values()
        with tempfile.TemporaryDirectory() as directory:
            tools = {
                "aws": 'echo "aws $*"; case $1 in s3) cp "$BUNDLE" "$5" ;; esac',
                "curl": "echo curl; exit 22",
                "cat": "echo i-1",
            }
            for tool, text in tools.items():
                (Path(directory) / tool).write_text(f"#!/bin/bash\n{text}\n")
                (Path(directory) / tool).chmod(0o755)
            bundle = Path(directory) / "bundle.tar.gz"
            (Path(directory) / "etcd-aws/scripts").mkdir(parents=True)
            (Path(directory) / "etcd-aws/scripts/install").write_text("#!/bin/sh\necho install\nexit 1\n")
            (Path(directory) / "etcd-aws/scripts/install").chmod(0o755)
            subprocess.run(["tar", "-czf", bundle, "-C", directory, "etcd-aws"], check=True)
            environment = os.environ | {"PATH": f"{directory}:{os.environ['PATH']}", "BUNDLE": str(bundle), "TMPDIR": directory}
            script = template["LaunchTemplateData"]["UserData"].replace("@", hashlib.sha256(bundle.read_bytes()).hexdigest())
            result = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True)
        self.assertNotEqual(0, result.returncode)
        return result.stdout

    def test_whatFailsBeforeInstallIsToldToTheStackAtOnce(self) -> None:
        failure = "aws cloudformation signal-resource --stack-name etcd --logical-resource-id Group --unique-id i-1 --status FAILURE\n"
        for name in ("etcd-peers", "etcd-proxy"):
            for url, checksum in (("https://example.com/b.tar.gz", "@"), ("s3://bucket/b.tar.gz", SUM)):
                with self.subTest(name, url=url):
                    self.assertEqual(1, self.run_user_data(name, url, checksum).count(failure))
            told = self.run_user_data(name, "s3://bucket/b.tar.gz", "@")
            self.assertIn("install\n", told)
            self.assertNotIn("FAILURE", told)  # install tells of itself

    def test_evenSizesAreRefused(self) -> None:
        template = load("etcd-peers")
        self.assertEqual(["1", "3", "5", "7"], template["Parameters"]["ClusterSize"]["AllowedValues"])
        self.assertEqual([{"Fn::Contains": [["1", "3", "5", "7"], {"Ref": "ClusterSize"}]}], [a["Assert"] for a in template["Rules"]["OddSize"]["Assertions"]])

    def test_theNestedTemplatesGetParametersThatTheyHave(self) -> None:
        for rendering in renderings("quickstart"):
            for stack in rendering.of_type("AWS::CloudFormation::Stack").values():
                nested = load(Path(stack["TemplateURL"]).stem)
                required = {name for name, definition in nested["Parameters"].items() if "Default" not in definition}
                self.assertLessEqual(required, stack["Parameters"].keys())
                self.assertLessEqual(stack["Parameters"].keys(), nested["Parameters"].keys())


def normal(policy: dict[str, Any]) -> Any:
    """A policy in a form that can be compared: actions as sorted lists."""
    statements = []
    for statement in policy["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        statements.append(statement | {"Action": sorted(actions)})
    return sorted(statements, key=lambda statement: str(statement["Sid"]))


if __name__ == "__main__":
    os.chdir(ROOT)
    unittest.main(verbosity=2)
