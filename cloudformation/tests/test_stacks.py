#!/usr/bin/env python3
"""Deploys the templates into moto and compares what came out with what was meant: LAB_PYTHON cloudformation/tests/test_stacks.py

moto makes no lifecycle hooks, signals and update policies from a template, no alarms, no load balancers for TCP, and
knows no outputs of nested stacks; those are checked in test_templates.py.
"""

from __future__ import annotations

import ast
import base64
import json
import os
import unittest
from typing import Any

os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1")

import boto3
from moto import mock_aws

from test_templates import Rendering, Template

SUM = "0" * 64
IMAGE = "ami-760aaa0f"  # one that moto knows
MEMBER_ACTIONS = {
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:DescribeAutoScalingGroups",
    "ec2:DescribeInstances",
    "autoscaling:CompleteLifecycleAction",
    "autoscaling:RecordLifecycleActionHeartbeat",
    "autoscaling:CreateOrUpdateTags",
}


def parameters(values: dict[str, str]) -> list[dict[str, str]]:
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]


def resolve(node: Any, conditions: Rendering) -> Any:
    """A part of a template with its conditions decided."""
    if isinstance(node, list):
        return [part for part in (resolve(part, conditions) for part in node) if part != {"Ref": "AWS::NoValue"}]
    if not isinstance(node, dict):
        return node
    if "Fn::If" in node:
        condition, then, otherwise = node["Fn::If"]
        return resolve(then if conditions.condition(condition) else otherwise, conditions)
    parts = {key: resolve(value, conditions) for key, value in node.items()}
    return {key: value for key, value in parts.items() if value != {"Ref": "AWS::NoValue"}}


def body_of(template: str, values: dict[str, str]) -> str:
    """A template without what moto does not know: conditions in policies and outputs, and Fn::Cidr."""
    whole = Template(template)
    loaded, rendering = whole.content, Rendering(whole, values)
    for section in ("Resources", "Outputs"):
        loaded[section] = {
            name: resolve(part, rendering)
            for name, part in loaded[section].items()
            if "Condition" not in part or rendering.condition(part["Condition"])
        }
        for part in loaded[section].values():
            part.pop("Condition", None)
    loaded.pop("Conditions", None)
    loaded.pop("Rules", None)
    for number, name in enumerate(("PrivateSubnetA", "PrivateSubnetB", "PrivateSubnetC", "PublicSubnet")):
        if name in loaded["Resources"]:
            loaded["Resources"][name]["Properties"]["CidrBlock"] = f"10.60.{number * 16}.0/20"
    return json.dumps(loaded)


class StacksTest(unittest.TestCase):
    """The stacks as moto makes them."""

    def setUp(self) -> None:
        self.mock = mock_aws()
        self.mock.start()
        self.addCleanup(self.mock.stop)
        self.cloudformation = boto3.client("cloudformation")

    def deploy(self, stack: str, template: str, values: dict[str, str]) -> dict[str, str]:
        """Makes a stack, and answers its outputs."""
        self.cloudformation.create_stack(StackName=stack, TemplateBody=body_of(template, values), Parameters=parameters(values), Capabilities=["CAPABILITY_IAM"])
        (made,) = self.cloudformation.describe_stacks(StackName=stack)["Stacks"]
        self.assertEqual("CREATE_COMPLETE", made["StackStatus"])
        return {output["OutputKey"]: output["OutputValue"] for output in made.get("Outputs", [])}

    def peers(self, **values: str) -> dict[str, str]:
        network = self.deploy("network", "network", {})
        self.assertEqual(3, len(network["SubnetIds"].split(",")))
        self.network = network
        given = {"BundleUrl": "s3://bucket/b.tar.gz", "BundleSha256": SUM, "EtcdSha256": SUM, "ImageId": IMAGE}
        return self.deploy("etcd", "etcd-peers", network | given | values)

    def test_theNetworkHasThreePrivateSubnetsInThreeZones(self) -> None:
        network = self.deploy("network", "network", {})
        subnets = boto3.client("ec2").describe_subnets(SubnetIds=network["SubnetIds"].split(","))["Subnets"]
        self.assertEqual(3, len({subnet["AvailabilityZone"] for subnet in subnets}))
        self.assertEqual({False}, {subnet["MapPublicIpOnLaunch"] for subnet in subnets})

    def test_theGroupHasTheSizeTheSubnetsAndTheNameThatWereMeant(self) -> None:
        outputs = self.peers(ClusterSize="5")
        (group,) = boto3.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=["etcd"])["AutoScalingGroups"]
        self.assertEqual(("etcd", "etcd"), (outputs["GroupName"], group["AutoScalingGroupName"]))
        self.assertEqual((5, 5, 6), (group["MinSize"], group["DesiredCapacity"], group["MaxSize"]))
        self.assertEqual(set(self.network["SubnetIds"].split(",")), set(group["VPCZoneIdentifier"].split(",")))
        self.assertEqual("EC2", group["HealthCheckType"])
        self.assertEqual(5, len(group["Instances"]))
        self.assertEqual({"etcd"}, {tag["Value"] for tag in group["Tags"] if tag["Key"] == "etcd-aws:cluster"})

    def test_theMachinesHaveEncryptedVolumesAndAskForTokens(self) -> None:
        outputs = self.peers()
        ec2 = boto3.client("ec2")
        (template,) = (template["LaunchTemplateId"] for template in ec2.describe_launch_templates()["LaunchTemplates"])
        (version,) = ec2.describe_launch_template_versions(LaunchTemplateId=template)["LaunchTemplateVersions"]
        data = version["LaunchTemplateData"]
        self.assertEqual([True, True], [device["Ebs"]["Encrypted"] for device in data["BlockDeviceMappings"]])
        self.assertEqual("required", data["MetadataOptions"]["HttpTokens"])
        self.assertEqual([outputs["PeerSecurityGroupId"]], data["NetworkInterfaces"][0]["Groups"])
        script = base64.b64decode(data["UserData"]).decode()
        self.assertIn("--role member", script)
        self.assertIn(f"{SUM}  $work/bundle.tar.gz", script)

    def test_theSecurityGroupsLetInClientsAndPeersAndNobodyElse(self) -> None:
        outputs = self.peers()
        ec2 = boto3.client("ec2")
        (group,) = ec2.describe_security_groups(GroupIds=[outputs["PeerSecurityGroupId"]])["SecurityGroups"]
        let_in = {
            (rule["FromPort"], rule["ToPort"], pair["GroupId"])
            for rule in group["IpPermissions"]
            for pair in rule["UserIdGroupPairs"]
        }
        client, peer = outputs["ClientSecurityGroupId"], outputs["PeerSecurityGroupId"]
        self.assertEqual({(2379, 2379, client), (2379, 2380, peer)}, let_in)
        self.assertEqual([], [rule["IpRanges"] for rule in group["IpPermissions"] if rule["IpRanges"]])
        (clients,) = ec2.describe_security_groups(GroupIds=[client])["SecurityGroups"]
        self.assertEqual([], clients["IpPermissions"])

    def test_theRoleMayDoWhatTheProgramCallsAndNothingElse(self) -> None:
        self.peers()
        iam = boto3.client("iam")
        (role,) = (role["RoleName"] for role in iam.list_roles()["Roles"])
        document = iam.get_role_policy(RoleName=role, PolicyName="etcd-aws")["PolicyDocument"]
        self.assertEqual(MEMBER_ACTIONS, actions_of(document))
        (profile,) = iam.list_instance_profiles()["InstanceProfiles"]
        self.assertEqual([role], [part["RoleName"] for part in profile["Roles"]])
        self.assertEqual([], iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"])

    def test_theProxysRoleSeesTheGroupAndNothingElse(self) -> None:
        peers = self.peers()
        given = {"PeersGroupName": peers["GroupName"], "ClientSecurityGroupId": peers["ClientSecurityGroupId"]}
        given |= {"BundleUrl": "s3://bucket/b.tar.gz", "BundleSha256": SUM, "ImageId": IMAGE}
        self.deploy("proxy", "etcd-proxy", self.network | given)
        iam = boto3.client("iam")
        (role,) = (role["RoleName"] for role in iam.list_roles()["Roles"] if role["RoleName"].startswith("proxy"))
        document = iam.get_role_policy(RoleName=role, PolicyName="etcd-aws")["PolicyDocument"]
        self.assertEqual({"autoscaling:DescribeAutoScalingGroups", "ec2:DescribeInstances"}, actions_of(document))


def actions_of(document: Any) -> set[str]:
    if isinstance(document, str):
        document = ast.literal_eval(document)  # moto keeps a policy in a role's own properties so
    found: set[str] = set()
    for statement in document["Statement"]:
        found |= set(statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]])
    return found


if __name__ == "__main__":
    unittest.main(verbosity=2, buffer=True)  # moto says of each part that it does not know it
