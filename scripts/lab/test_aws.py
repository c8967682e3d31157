#!/usr/bin/env python3
"""Checks aws.py from outside, with the AWS SDK for Python and plain HTTP: LAB_PYTHON scripts/lab/test_aws.py

Each test says what the lab promises and what the tests of etcd-aws lean on; where AWS's behaviour matters, the
assertion is on what AWS does.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from botocore.parsers import ResponseParserError

AWS = Path(__file__).with_name("aws.py")
TOKEN_TTL = "X-aws-ec2-metadata-token-ttl-seconds"


def request(method: str, url: str, body: Any = None, **headers: str) -> tuple[int, str]:
    """Sends a request past any proxy; header names have _ for -."""
    data = json.dumps(body).encode() if body is not None else None
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url, data, named, method=method), timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


class Server:
    """A running aws.py."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, str(AWS), "--with-parent", *arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.ready = json.loads(self.process.stdout.readline())
        self.url, self.imds_port = self.ready["aws"], self.ready["imdsPort"]

    def stop(self) -> int:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        code = self.process.wait(5)
        self.process.stdout.close()
        return code

    def control(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        got, answer = request(method, f"{self.url}/lab/{path}", body)
        if got != status:
            raise AssertionError(f"{method} {path}: {got} {answer}")
        return json.loads(answer)

    def client(self, service: str, keys: dict[str, str] | None = None, **settings: Any) -> Any:
        keys = keys or {"aws_access_key_id": "AKIATEST", "aws_secret_access_key": "secret"}
        settings.setdefault("retries", {"total_max_attempts": 1})
        config = Config(proxies={}, **settings)
        return boto3.client(service, region_name="us-east-1", endpoint_url=self.url, config=config, **keys)

    def imds_token(self, address: str, ttl: str = "60") -> tuple[int, str]:
        return request("PUT", f"http://{address}:{self.imds_port}/latest/api/token", **{TOKEN_TTL: ttl})

    def imds(self, address: str, path: str, token: str | None = "") -> tuple[int, str]:
        """Reads metadata; takes a token first, unless one is given, or None for none."""
        if token == "":
            token = self.imds_token(address)[1]
        headers = {} if token is None else {"X-aws-ec2-metadata-token": token}
        return request("GET", f"http://{address}:{self.imds_port}{path}", **headers)

    def imds_credentials(self, address: str) -> dict[str, str]:
        path = "/latest/meta-data/iam/security-credentials/"
        found = json.loads(self.imds(address, path + self.imds(address, path)[1])[1])
        return {
            "aws_access_key_id": found["AccessKeyId"],
            "aws_secret_access_key": found["SecretAccessKey"],
            "aws_session_token": found["Token"],
        }


class LabTest(unittest.TestCase):
    """One server for all tests of the class, wiped before each."""

    lab: Server
    autoscaling: Any
    ec2: Any

    @classmethod
    def setUpClass(cls) -> None:
        cls.lab = Server()
        cls.autoscaling, cls.ec2 = cls.lab.client("autoscaling"), cls.lab.client("ec2")

    @classmethod
    def tearDownClass(cls) -> None:
        cls.lab.stop()

    def setUp(self) -> None:
        self.lab.control("POST", "reset")

    def group(self, **spec: Any) -> list[dict[str, Any]]:
        return self.lab.control("POST", "groups", {"name": "etcd", **spec})["instances"]

    def change(self, instance: dict[str, Any], **changes: Any) -> None:
        self.lab.control("POST", f"instances/{instance['id']}", changes)

    def members(self, name: str = "etcd") -> dict[str, dict[str, Any]]:
        groups = self.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
        return {instance["InstanceId"]: instance for instance in groups[0]["Instances"]}

    def instances(self, **query: Any) -> list[dict[str, Any]]:
        found = self.ec2.describe_instances(**query)["Reservations"]
        return [instance for reservation in found for instance in reservation["Instances"]]

    def instance(self, instance_id: str) -> dict[str, Any]:
        return self.instances(InstanceIds=[instance_id])[0]

    def filtered(self, name: str, *values: str) -> list[str]:
        return [found["InstanceId"] for found in self.instances(Filters=[{"Name": name, "Values": list(values)}])]

    def assert_refused(self, code: str, status: int, call: Any, **params: Any) -> str:
        with self.assertRaises(ClientError) as caught:
            call(**params)
        answer = caught.exception.response
        self.assertEqual((code, status), (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]))
        return answer["Error"]["Message"]


class GroupsTest(LabTest):
    def test_a_group_has_loopback_addresses_in_three_zones(self) -> None:
        instances = self.group(cidr="127.1.0.0/24", tags={"role": "etcd", "team": "a"})
        self.assertEqual(["127.1.0.4", "127.1.0.5", "127.1.0.6"], [i["address"] for i in instances])
        self.assertEqual(["us-east-1a", "us-east-1b", "us-east-1c"], [i["zone"] for i in instances])
        group = self.autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]
        self.assertEqual((3, 3, 3), (group["MinSize"], group["DesiredCapacity"], group["MaxSize"]))
        self.assertEqual({"role": "etcd", "team": "a"}, {tag["Key"]: tag["Value"] for tag in group["Tags"]})
        self.assertEqual({i["id"] for i in instances}, {i["InstanceId"] for i in group["Instances"]})
        for wanted, zone in zip(instances, ("a", "b", "c")):
            listed, known = self.members()[wanted["id"]], self.instance(wanted["id"])
            self.assertEqual(("InService", "Healthy"), (listed["LifecycleState"], listed["HealthStatus"]))
            self.assertEqual(f"us-east-1{zone}", listed["AvailabilityZone"])
            self.assertEqual(f"us-east-1{zone}", known["Placement"]["AvailabilityZone"])
            self.assertEqual((wanted["address"], "running"), (known["PrivateIpAddress"], known["State"]["Name"]))
            self.assertEqual(wanted["address"], known["NetworkInterfaces"][0]["PrivateIpAddress"])
            self.assertIn({"Key": "aws:autoscaling:groupName", "Value": "etcd"}, known["Tags"])

    def test_two_groups_share_nothing_not_even_in_one_network(self) -> None:
        self.group()
        others = self.group(name="other", desired=2, zones=2)
        self.assertEqual(["127.1.0.7", "127.1.0.8"], [i["address"] for i in others])
        ids = [i["id"] for i in others]
        found = self.autoscaling.describe_auto_scaling_instances(InstanceIds=ids)["AutoScalingInstances"]
        self.assertEqual({("other", "HEALTHY")}, {(i["AutoScalingGroupName"], i["HealthStatus"]) for i in found})
        self.assertEqual(5, len(self.autoscaling.describe_auto_scaling_instances()["AutoScalingInstances"]))

    def test_addresses_and_ids_can_be_chosen(self) -> None:
        instances = self.group(desired=2, pendingAddresses=["127.1.0.44", "127.1.0.11", "127.1.0.12"])
        self.assertEqual(["127.1.0.44", "127.1.0.11"], [i["address"] for i in instances])
        third = self.lab.control("POST", "groups/etcd/launch", {})
        chosen = {"id": "i-0123456789abcdef0", "address": "127.1.9.9", "zone": "us-east-1b", "lifecycle": "Pending"}
        fourth = self.lab.control("POST", "groups/etcd/launch", chosen)
        fifth = self.lab.control("POST", "groups/etcd/launch", {})
        self.assertEqual(["127.1.0.12", "127.1.9.9", "127.1.0.4"], [i["address"] for i in (third, fourth, fifth)])
        self.assertEqual("i-0123456789abcdef0", fourth["id"])
        listed = self.members()["i-0123456789abcdef0"]
        self.assertEqual(("Pending", "us-east-1b"), (listed["LifecycleState"], listed["AvailabilityZone"]))
        self.lab.control("POST", "groups/etcd/launch", {"address": "127.1.0.11"}, status=409)
        self.lab.control("POST", "groups/etcd/launch", {"id": "i-0123456789abcdef0"}, status=409)
        self.lab.control("POST", "groups/etcd/launch", {"address": "10.0.0.1"}, status=400)
        self.assertEqual(5, len(self.members()))

    def test_the_desired_capacity_launches_and_ends_nothing(self) -> None:
        before = self.group()
        for desired in (5, 1):
            self.lab.control("POST", "groups/etcd", {"desired": desired})
            group = self.autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]
            self.assertEqual(desired, group["DesiredCapacity"])
            self.assertEqual({i["id"] for i in before}, set(self.members()))
        self.autoscaling.set_desired_capacity(AutoScalingGroupName="etcd", DesiredCapacity=4)
        self.autoscaling.update_auto_scaling_group(AutoScalingGroupName="etcd", MinSize=1, MaxSize=9)
        self.assertEqual(4, self.lab.control("GET", "groups/etcd")["desired"])
        self.assertEqual({i["id"] for i in before}, set(self.members()))

    def test_tags_are_set_and_read_through_the_api_too(self) -> None:
        self.group(tags={"role": "etcd"})
        self.group(name="other", desired=0, tags={"role": "proxy"})
        tag = {"ResourceId": "etcd", "ResourceType": "auto-scaling-group", "PropagateAtLaunch": False}
        self.autoscaling.create_or_update_tags(Tags=[{**tag, "Key": "formed", "Value": "abc"}])
        self.autoscaling.create_or_update_tags(Tags=[{**tag, "Key": "formed", "Value": "def"}])
        self.lab.control("POST", "groups/etcd", {"tags": {"role": "peers"}})
        group = self.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=["etcd"])["AutoScalingGroups"][0]
        self.assertEqual({"role": "peers", "formed": "def"}, {t["Key"]: t["Value"] for t in group["Tags"]})
        described = self.autoscaling.describe_tags(Filters=[{"Name": "key", "Values": ["formed"]}])["Tags"]
        self.assertEqual(["def"], [t["Value"] for t in described])

        def found(name: str, *values: str) -> list[str]:
            filters = [{"Name": name, "Values": list(values)}]
            groups = self.autoscaling.describe_auto_scaling_groups(Filters=filters)["AutoScalingGroups"]
            return [g["AutoScalingGroupName"] for g in groups]

        self.assertEqual(["etcd"], found("tag:role", "peers"))
        self.assertEqual(["etcd", "other"], found("tag:role", "peers", "proxy"))
        self.assertEqual([], found("tag:formed", "proxy"))
        self.assertEqual(["other"], found("tag-value", "proxy"))
        self.assertEqual(["etcd"], found("tag-key", "formed"))
        self.assertEqual([], found("tag:role", "Peers"))
        self.assert_refused(
            "ValidationError",
            400,
            self.autoscaling.describe_auto_scaling_groups,
            Filters=[{"Name": "name", "Values": ["etcd"]}],
        )

    def test_an_unknown_group_is_an_empty_answer(self) -> None:
        found = self.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=["none"])
        self.assertEqual([], found["AutoScalingGroups"])
        self.lab.control("POST", "groups/none/launch", {}, status=404)
        self.lab.control("POST", "groups", {"name": "etcd", "cidr": "10.0.0.0/24"}, status=400)
        self.lab.control("POST", "groups", {"name": "etcd", "size": 3}, status=400)


class InstancesTest(LabTest):
    def test_a_terminated_instance_has_no_address_and_no_group(self) -> None:
        first, second, _ = self.group()
        answer = self.lab.control("POST", f"instances/{first['id']}/terminate", {})
        self.assertEqual({"terminated": first["id"], "replacement": None}, answer)
        known = self.instance(first["id"])
        self.assertEqual({"Code": 48, "Name": "terminated"}, known["State"])
        self.assertEqual("Client.UserInitiatedShutdown", known["StateReason"]["Code"])
        for absent in ("PrivateIpAddress", "SubnetId", "VpcId"):
            self.assertNotIn(absent, known)
        self.assertEqual(([], ""), (known["NetworkInterfaces"], known["PrivateDnsName"]))
        self.assertNotIn(first["id"], self.members())
        found = self.autoscaling.describe_auto_scaling_instances(InstanceIds=[first["id"]])
        self.assertEqual([], found["AutoScalingInstances"])
        self.assertEqual([], self.filtered("private-ip-address", first["address"]))
        self.assertEqual([first["id"]], self.filtered("instance-state-name", "terminated"))
        # Nothing comes in its place by itself, through the API as little as through the lab.
        self.autoscaling.terminate_instance_in_auto_scaling_group(
            InstanceId=second["id"], ShouldDecrementDesiredCapacity=False
        )
        self.assertEqual("terminated", self.instance(second["id"])["State"]["Name"])
        self.ec2.terminate_instances(InstanceIds=[next(iter(self.members()))])
        self.assertEqual({}, self.members())
        self.assertEqual(3, len(self.instances()))

    def test_a_replacement_is_another_instance_maybe_at_the_same_address(self) -> None:
        first, second, third = self.group()
        new = self.lab.control("POST", f"instances/{first['id']}/terminate", {"replace": True})["replacement"]
        self.assertNotEqual(first["id"], new["id"])
        self.assertEqual(("127.1.0.7", "us-east-1a"), (new["address"], new["zone"]))
        same = {"replace": True, "address": second["address"], "id": "i-0000000000000000a"}
        again = self.lab.control("POST", f"instances/{second['id']}/terminate", same)["replacement"]
        self.assertEqual(("i-0000000000000000a", second["address"]), (again["id"], again["address"]))
        self.assertEqual({new["id"], again["id"], third["id"]}, set(self.members()))
        self.assertEqual([again["id"]], self.filtered("private-ip-address", second["address"]))
        self.assertEqual(again["id"], self.lab.imds(second["address"], "/latest/meta-data/instance-id")[1])

    def test_lifecycle_health_and_hiding_change_what_the_group_says(self) -> None:
        first, second, third = self.group()
        self.change(first, lifecycle="Terminating:Wait", health="Unhealthy")
        self.change(second, hidden=True)
        self.assertEqual({first["id"], third["id"]}, set(self.members()))
        self.assertEqual("Terminating:Wait", self.members()[first["id"]]["LifecycleState"])
        states = self.autoscaling.describe_auto_scaling_instances()["AutoScalingInstances"]
        self.assertEqual([first["id"], third["id"]], [state["InstanceId"] for state in states])
        self.assertEqual(("Terminating:Wait", "UNHEALTHY"), (states[0]["LifecycleState"], states[0]["HealthStatus"]))
        self.assertEqual(3, len(self.instances()))
        self.change(second, hidden=False, lifecycle="Standby")
        self.assertEqual("Standby", self.members()[second["id"]]["LifecycleState"])

    def test_ec2_state_and_being_forgotten_change_what_ec2_says(self) -> None:
        first, second, third = self.group()
        for state, code in (("stopped", 80), ("shutting-down", 32), ("pending", 0), ("running", 16)):
            self.change(first, state=state)
            self.assertEqual({"Code": code, "Name": state}, self.instance(first["id"])["State"])
            self.assertEqual(first["address"], self.instance(first["id"])["PrivateIpAddress"])
        self.change(second, state="terminated")
        self.assertNotIn("PrivateIpAddress", self.instance(second["id"]))
        self.assertIn(second["id"], self.members())
        self.change(third, forgotten=True)
        text = self.assert_refused(
            "InvalidInstanceID.NotFound", 400, self.ec2.describe_instances, InstanceIds=[first["id"], third["id"]]
        )
        self.assertEqual(f"The instance ID '{third['id']}' does not exist", text)
        self.assertEqual({first["id"], second["id"]}, {i["InstanceId"] for i in self.instances()})
        self.assertIn(third["id"], self.members())
        self.lab.control("POST", f"instances/{first['id']}", {"state": "gone"}, status=400)
        self.lab.control("POST", f"instances/{first['id']}", {"hiden": True}, status=400)
        self.lab.control("POST", "instances/i-0", {"hidden": True}, status=404)

    def test_addresses_can_be_missing_moved_or_more_than_one(self) -> None:
        first, second, third = self.group()
        self.change(first, address=None)
        self.assertNotIn("PrivateIpAddress", self.instance(first["id"]))
        self.assertEqual(first["address"], self.lab.imds(first["address"], "/latest/meta-data/local-ipv4")[1])
        self.change(first, address="127.1.0.77")
        self.assertEqual("127.1.0.77", self.instance(first["id"])["PrivateIpAddress"])
        self.change(second, secondInterface="127.1.0.99")
        interfaces = self.instance(second["id"])["NetworkInterfaces"]
        found = {(i["Attachment"]["DeviceIndex"], i["PrivateIpAddress"]) for i in interfaces}
        self.assertEqual({(0, second["address"]), (1, "127.1.0.99")}, found)
        self.assertEqual(second["address"], self.instance(second["id"])["PrivateIpAddress"])
        by_any = "network-interface.addresses.private-ip-address"
        self.assertEqual([second["id"]], self.filtered(by_any, "127.1.0.99"))
        self.assertEqual([], self.filtered("private-ip-address", "127.1.0.99"))
        self.assertEqual(
            2, len(self.lab.imds(second["address"], "/latest/meta-data/network/interfaces/macs/")[1].split())
        )
        self.change(second, secondInterface=None)
        self.assertEqual(1, len(self.instance(second["id"])["NetworkInterfaces"]))
        self.change(third, ipv6="fd00::6")
        known = self.instance(third["id"])
        self.assertEqual("fd00::6", known["Ipv6Address"])
        self.assertEqual("fd00::6", known["NetworkInterfaces"][0]["Ipv6Addresses"][0]["Ipv6Address"])
        for name in ("ipv6-address", "network-interface.ipv6-addresses.ipv6-address"):
            self.assertEqual([third["id"]], self.filtered(name, "fd00::6"))
        self.assertEqual("fd00::6", self.lab.imds(third["address"], "/latest/meta-data/ipv6")[1])

    def test_instances_are_found_by_filters_as_in_ec2(self) -> None:
        first, second, third = self.group(tags={"role": "etcd"})
        self.assertEqual([first["id"], third["id"]], self.filtered("instance-id", first["id"], third["id"]))
        self.assertEqual([], self.filtered("instance-id", "i-0123456789abcdef0"))
        self.assertEqual([second["id"]], self.filtered("private-ip-address", second["address"]))
        self.assertEqual(3, len(self.filtered("private-ip-address", "127.1.0.*")))
        self.assertEqual([], self.filtered("private-ip-address", "127.1.0"))
        self.assertEqual(3, len(self.filtered("tag:aws:autoscaling:groupName", "etcd")))
        self.assertEqual(3, len(self.filtered("tag:role", "et?d")))
        self.assertEqual([], self.filtered("tag:role", "ETCD"))
        self.assertEqual([third["id"]], self.filtered("availability-zone", "us-east-1c"))
        filters = [
            {"Name": "tag:role", "Values": ["etcd"]},
            {"Name": "private-ip-address", "Values": [first["address"], "127.1.0.200"]},
        ]
        self.assertEqual([first["id"]], [i["InstanceId"] for i in self.instances(Filters=filters)])
        bogus = [{"Name": "colour", "Values": ["red"]}]
        self.assert_refused("InvalidParameterValue", 400, self.ec2.describe_instances, Filters=bogus)

    def test_unknown_ids_are_refused(self) -> None:
        self.group()
        describe = self.ec2.describe_instances
        self.assert_refused("InvalidInstanceID.NotFound", 400, describe, InstanceIds=["i-0123456789abcdef0"])
        self.assert_refused("InvalidInstanceID.Malformed", 400, describe, InstanceIds=["etcd-1"])
        both = ["i-0123456789abcdef0", "i-0123456789abcdef1"]
        text = self.assert_refused("InvalidInstanceID.NotFound", 400, describe, InstanceIds=both)
        self.assertEqual(f"The instance IDs '{', '.join(both)}' do not exist", text)

    def test_a_hook_holds_up_launches_and_retirements(self) -> None:
        """An instance refresh as the group and the metadata show it."""
        old, *_ = self.group(desired=1, hooks={"terminate": "leave"})
        self.assertEqual("InService", old["lifecycle"])
        self.lab.control("POST", "groups/etcd", {"hooks": {"launch": "join"}})
        hooks = self.autoscaling.describe_lifecycle_hooks(AutoScalingGroupName="etcd")["LifecycleHooks"]
        self.assertEqual(
            {"join": "autoscaling:EC2_INSTANCE_LAUNCHING", "leave": "autoscaling:EC2_INSTANCE_TERMINATING"},
            {hook["LifecycleHookName"]: hook["LifecycleTransition"] for hook in hooks},
        )
        target = "/latest/meta-data/autoscaling/target-lifecycle-state"
        complete, beat = self.autoscaling.complete_lifecycle_action, self.autoscaling.record_lifecycle_action_heartbeat

        new = self.lab.control("POST", "groups/etcd/launch", {})
        self.assertEqual("Pending:Wait", new["lifecycle"])
        self.assertEqual("InService", self.lab.imds(new["address"], target)[1])
        join = {"AutoScalingGroupName": "etcd", "LifecycleHookName": "join", "InstanceId": new["id"]}
        complete(**join, LifecycleActionResult="CONTINUE")
        self.assertEqual("InService", self.members()[new["id"]]["LifecycleState"])

        self.assertEqual("InService", self.lab.imds(old["address"], target)[1])
        self.assertEqual("Terminating:Wait", self.lab.control("POST", f"instances/{old['id']}/retire")["lifecycle"])
        self.assertEqual("Terminated", self.lab.imds(old["address"], target)[1])
        self.assertEqual("running", self.instance(old["id"])["State"]["Name"])
        leave = {"AutoScalingGroupName": "etcd", "LifecycleHookName": "leave", "InstanceId": old["id"]}
        self.assert_refused("ValidationError", 400, beat, **{**leave, "LifecycleHookName": "join"})
        self.assertEqual([], self.lab.control("GET", "heartbeats"))
        for _ in range(2):
            beat(**leave)
        beats = self.lab.control("GET", "heartbeats")
        self.assertEqual(
            [("etcd", "leave", old["id"])] * 2, [(b["group"], b["hook"], b["instance"]) for b in beats]
        )
        self.assertRegex(beats[0]["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.lab.control("DELETE", "heartbeats")
        self.assertEqual([], self.lab.control("GET", "heartbeats"))
        complete(**leave, LifecycleActionResult="CONTINUE")
        self.assertEqual({new["id"]}, set(self.members()))
        self.assertEqual("terminated", self.instance(old["id"])["State"]["Name"])
        with self.assertRaises(urllib.error.URLError):
            self.lab.imds_token(old["address"])
        self.assert_refused("ValidationError", 400, complete, **leave, LifecycleActionResult="CONTINUE")

    def test_without_a_hook_nothing_waits(self) -> None:
        first, second, third = self.group(hooks={"terminate": "leave"})
        self.assertIsNone(self.lab.control("POST", f"instances/{first['id']}/terminate", {})["replacement"])
        self.lab.control("POST", "groups/etcd", {"hooks": {"terminate": None}})
        self.assertIsNone(self.lab.control("POST", f"instances/{second['id']}/retire")["lifecycle"])
        self.assertEqual("terminated", self.instance(second["id"])["State"]["Name"])
        self.assertEqual({third["id"]}, set(self.members()))
        self.lab.control("POST", f"instances/{second['id']}/retire", status=400)
        self.lab.control("POST", "groups/etcd", {"hooks": {"lunch": "join"}}, status=400)

    def test_an_abandoned_launch_ends_the_instance(self) -> None:
        only, *_ = self.group(desired=1, hooks={"launch": "join"})
        self.assertEqual("Pending:Wait", only["lifecycle"])
        join = {"AutoScalingGroupName": "etcd", "LifecycleHookName": "join", "InstanceId": only["id"]}
        self.autoscaling.complete_lifecycle_action(**join, LifecycleActionResult="ABANDON")
        self.assertEqual({}, self.members())
        self.assertEqual("terminated", self.instance(only["id"])["State"]["Name"])

    def test_the_target_lifecycle_state_follows_the_lifecycle_state(self) -> None:
        first, *_ = self.group(desired=1)
        for lifecycle, target in (
            ("Terminating:Proceed", "Terminated"),
            ("EnteringStandby", "Standby"),
            ("Pending", "InService"),
            ("Detaching", "Detached"),
            ("Warmed:Stopped", "Detached"),
        ):
            self.change(first, lifecycle=lifecycle)
            path = "/latest/meta-data/autoscaling/target-lifecycle-state"
            self.assertEqual(target, self.lab.imds(first["address"], path)[1])
        self.change(first, target="Terminated", lifecycle="InService")
        self.assertEqual("Terminated", self.lab.imds(first["address"], path)[1])

    def test_hooks_that_are_put_through_the_api_wait_too(self) -> None:
        first, _, _ = self.group()
        hook = {"AutoScalingGroupName": "etcd", "LifecycleHookName": "leave"}
        transition = "autoscaling:EC2_INSTANCE_TERMINATING"
        self.autoscaling.put_lifecycle_hook(**hook, LifecycleTransition=transition, HeartbeatTimeout=300)
        hooks = self.autoscaling.describe_lifecycle_hooks(AutoScalingGroupName="etcd")["LifecycleHooks"]
        self.assertEqual(
            ("leave", transition, 300),
            tuple(hooks[0][k] for k in ("LifecycleHookName", "LifecycleTransition", "HeartbeatTimeout")),
        )
        self.assertNotIn("NotificationTargetARN", hooks[0])
        complete, beat = self.autoscaling.complete_lifecycle_action, self.autoscaling.record_lifecycle_action_heartbeat
        action = {**hook, "InstanceId": first["id"]}
        text = self.assert_refused("ValidationError", 400, complete, **action, LifecycleActionResult="CONTINUE")
        self.assertIn("No active Lifecycle Action found", text)
        self.lab.control("POST", f"instances/{first['id']}/retire")
        beat(**action)
        self.assert_refused("ValidationError", 400, complete, **action, LifecycleActionResult="RETRY")
        complete(**action, LifecycleActionResult="CONTINUE")
        self.assertNotIn(first["id"], self.members())
        recorded = [call for call in self.lab.control("GET", "calls") if call["action"] == "CompleteLifecycleAction"]
        self.assertEqual([400, 400, 200], [call["status"] for call in recorded])
        self.assertEqual(first["id"], recorded[1]["params"]["InstanceId"])


class FaultsTest(LabTest):
    def fault(self, **fault: Any) -> None:
        self.lab.control("POST", "faults", {"action": "*", **fault})

    def test_errors_come_in_the_words_of_each_service(self) -> None:
        self.group()
        groups, instances = self.autoscaling.describe_auto_scaling_groups, self.ec2.describe_instances
        self.fault(action="DescribeAutoScalingGroups", code="Throttling", times=2)
        self.fault(action="DescribeInstances", code="RequestLimitExceeded", times=1)
        for _ in range(2):
            self.assertEqual("Rate exceeded", self.assert_refused("Throttling", 400, groups))
        self.assert_refused("RequestLimitExceeded", 503, instances)
        self.assertEqual(3, len(self.members()))
        self.assertEqual(3, len(self.instances()))
        self.fault(code="InternalFailure")
        for _ in range(3):
            self.assert_refused("InternalFailure", 500, groups)
        self.lab.control("DELETE", "faults")
        self.fault(code="AccessDenied", message="go away", status=499)
        self.assertEqual("go away", self.assert_refused("AccessDenied", 499, groups))

    def test_answers_can_be_late_empty_cut_or_never_come(self) -> None:
        self.group()
        groups, instances = self.autoscaling.describe_auto_scaling_groups, self.ec2.describe_instances
        self.fault(delayMillis=300, times=1)
        started = time.monotonic()
        self.assertEqual(3, len(self.members()))
        self.assertGreater(time.monotonic() - started, 0.3)
        self.fault(empty=True, times=3)
        self.assertEqual([], groups()["AutoScalingGroups"])
        self.assertEqual([], self.autoscaling.describe_auto_scaling_instances()["AutoScalingInstances"])
        self.assertEqual([], instances()["Reservations"])
        self.fault(garbage=True, times=2)
        for call in (groups, instances):
            with self.assertRaises(ResponseParserError):
                call()
        self.fault(reset=True, times=1)
        with self.assertRaises(ConnectionClosedError):
            groups()
        self.fault(hang=True)
        impatient = self.lab.client("autoscaling", read_timeout=0.5)
        with self.assertRaises(ReadTimeoutError):
            impatient.describe_auto_scaling_groups()
        self.assertEqual(0, self.lab.control("GET", "calls")[-1]["status"])
        threading.Timer(0.3, lambda: self.lab.control("DELETE", "faults")).start()
        with self.assertRaises(ConnectionClosedError):
            groups()
        self.assertEqual(3, len(self.members()))

    def test_a_fault_can_befall_one_instance_alone(self) -> None:
        first, second, _ = self.group()
        one, other = (self.lab.client("autoscaling", self.lab.imds_credentials(i["address"])) for i in (first, second))
        self.fault(empty=True, caller=first["id"])
        self.assertEqual(0, len(one.describe_auto_scaling_groups()["AutoScalingGroups"]))
        self.assertEqual(1, len(other.describe_auto_scaling_groups()["AutoScalingGroups"]))

    def test_denied_actions_are_worded_as_by_iam(self) -> None:
        first, *_ = self.group()
        keys = self.lab.imds_credentials(first["address"])
        autoscaling, ec2 = self.lab.client("autoscaling", keys), self.lab.client("ec2", keys)
        self.lab.control("POST", "iam", {"deny": ["autoscaling:DescribeAutoScalingGroups", "ec2:*"]})
        action = "autoscaling:DescribeAutoScalingGroups"
        user = f"arn:aws:sts::123456789012:assumed-role/etcd-aws-node/{first['id']}"
        self.assertEqual(
            f"User: {user} is not authorized to perform: {action} "
            f"because no identity-based policy allows the {action} action",
            self.assert_refused("AccessDenied", 403, autoscaling.describe_auto_scaling_groups),
        )
        text = self.assert_refused("UnauthorizedOperation", 403, ec2.describe_instances)
        self.assertIn(f"You are not authorized to perform this operation. User: {user} is not", text)
        self.assertEqual(3, len(autoscaling.describe_auto_scaling_instances()["AutoScalingInstances"]))
        self.lab.control("POST", "iam", {"allow": ["autoscaling:Describe*"]})
        self.assertEqual(3, len(self.members()))
        self.assert_refused("UnauthorizedOperation", 403, self.ec2.describe_instances)
        hook = {"AutoScalingGroupName": "etcd", "LifecycleHookName": "leave", "LifecycleActionResult": "CONTINUE"}
        text = self.assert_refused("AccessDenied", 403, self.autoscaling.complete_lifecycle_action, **hook)
        self.assertIn("on resource: arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:*", text)
        del hook["LifecycleActionResult"]
        self.assert_refused("AccessDenied", 403, self.autoscaling.record_lifecycle_action_heartbeat, **hook)
        tag = {"ResourceId": "etcd", "ResourceType": "auto-scaling-group", "Key": "k", "Value": "v"}
        tags = [{**tag, "PropagateAtLaunch": False}]
        text = self.assert_refused("AccessDenied", 403, self.autoscaling.create_or_update_tags, Tags=tags)
        self.assertIn("is not authorized to perform: autoscaling:CreateOrUpdateTags on resource: arn:aws:", text)
        self.assertIn("autoScalingGroupName/etcd because", text)
        self.lab.control("POST", "iam", {})
        self.assertEqual(3, len(self.instances()))

    def test_moto_can_enforce_the_policies_of_the_role(self) -> None:
        """For proofs of least privilege: the policy that the project ships, on the role that instances have."""
        first, *_ = self.group()
        keys = self.lab.imds_credentials(first["address"])
        statement = {"Effect": "Allow", "Action": "autoscaling:Describe*", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.lab.client("iam").put_role_policy(RoleName="etcd-aws-node", PolicyName="own", PolicyDocument=policy)
        request("POST", f"{self.lab.url}/moto-api/reset-auth", 0, Content_Type="application/octet-stream")
        try:
            self.assertEqual(
                1, len(self.lab.client("autoscaling", keys).describe_auto_scaling_groups()["AutoScalingGroups"])
            )
            self.assert_refused("UnauthorizedOperation", 403, self.lab.client("ec2", keys).describe_instances)
        finally:
            self.lab.control("POST", "reset")
        self.assertEqual([], self.instances())

    def test_answers_come_in_pages_when_told_so(self) -> None:
        instances = self.group()
        self.group(name="other", desired=0)
        ids = [i["id"] for i in instances]
        self.lab.control("POST", "page-size", {"size": 1})
        for operation, key, query in (
            ("describe_auto_scaling_groups", "AutoScalingGroups", {"MaxRecords": 100}),
            ("describe_auto_scaling_instances", "AutoScalingInstances", {"InstanceIds": ids}),
        ):
            pages = list(self.autoscaling.get_paginator(operation).paginate(**query))
            self.assertEqual([1] * len(pages), [len(page[key]) for page in pages])
            self.assertEqual(2 if operation.endswith("groups") else 3, len(pages))
        for query in ({}, {"InstanceIds": ids}, {"Filters": [{"Name": "instance-id", "Values": ids}]}):
            pages = list(self.ec2.get_paginator("describe_instances").paginate(**query))
            self.assertEqual(ids, [page["Reservations"][0]["Instances"][0]["InstanceId"] for page in pages])
        token = self.ec2.describe_instances()["NextToken"]
        self.assert_refused("InvalidNextToken", 400, self.ec2.describe_instances, NextToken="abc")
        self.assert_refused(
            "InvalidNextToken",
            400,
            self.ec2.describe_instances,
            NextToken=token,
            Filters=[{"Name": "image-id", "Values": ["a"]}],
        )
        self.lab.control("POST", "page-size", {"size": None})
        self.assertEqual(3, len(self.instances()))
        self.assert_refused("ValidationError", 400, self.autoscaling.describe_auto_scaling_groups, MaxRecords=101)

    def test_calls_are_recorded(self) -> None:
        first, *_ = self.group()
        self.lab.client("autoscaling", self.lab.imds_credentials(first["address"])).describe_auto_scaling_groups(
            AutoScalingGroupNames=["etcd"]
        )
        with self.assertRaises(ClientError):
            self.ec2.describe_instances(InstanceIds=["i-0123456789abcdef0"])
        one, two = self.lab.control("GET", "calls")
        self.assertEqual(
            ("autoscaling", "DescribeAutoScalingGroups", 200), (one["service"], one["action"], one["status"])
        )
        self.assertEqual("etcd", one["params"]["AutoScalingGroupNames.member.1"])
        self.assertEqual((first["id"], None), (one["caller"], two["caller"]))
        self.assertIn("Boto3", one["userAgent"])
        self.assertRegex(one["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual(("DescribeInstances", 400), (two["action"], two["status"]))
        self.assertEqual([one], self.lab.control("GET", f"calls?caller={first['id']}"))
        time.sleep(0.01)
        self.members()
        self.assertEqual(
            {
                "total": 3,
                "byAction": {"DescribeAutoScalingGroups": 2, "DescribeInstances": 1},
                "byCaller": {first["id"]: 1, "": 2},
            },
            self.lab.control("GET", "calls/count"),
        )
        last = self.lab.control("GET", "calls")[-1]
        self.assertEqual([last], self.lab.control("GET", f"calls?since={last['time']}"))
        self.assertEqual(1, self.lab.control("GET", f"calls/count?since={last['time']}")["total"])
        self.assertEqual(0, self.lab.control("GET", f"calls/count?since={last['time']}&caller={first['id']}")["total"])
        self.lab.control("GET", "calls?until=now", status=400)
        self.lab.control("DELETE", "calls")
        self.assertEqual([], self.lab.control("GET", "calls"))

    def test_other_services_work_and_fail_too(self) -> None:
        s3 = self.lab.client("s3", s3={"addressing_style": "path"})
        s3.create_bucket(Bucket="etcd")
        s3.put_object(Bucket="etcd", Key="mark/one", Body=b"1")
        self.assert_refused(
            "PreconditionFailed", 412, s3.put_object, Bucket="etcd", Key="mark/one", Body=b"2", IfNoneMatch="*"
        )
        self.assertEqual(b"1", s3.get_object(Bucket="etcd", Key="mark/one")["Body"].read())
        self.fault(action="PutObject", code="SlowDown")
        self.assert_refused("SlowDown", 503, s3.put_object, Bucket="etcd", Key="mark/two", Body=b"2")
        self.lab.control("POST", "iam", {"deny": ["s3:GetObject"]})
        text = self.assert_refused("AccessDenied", 403, s3.get_object, Bucket="etcd", Key="mark/one")
        self.assertIn('s3:GetObject on resource: "arn:aws:s3:::etcd/mark/one"', text)

    def test_connections_are_kept_and_chunked_requests_understood(self) -> None:
        self.group()
        address = urlsplit(self.lab.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=5)
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        headers["Authorization"] = "AWS4-HMAC-SHA256 Credential=AKIATEST/20240101/us-east-1/autoscaling/aws4_request, x"
        sockets = set()
        for body in (
            b"Action=DescribeAutoScalingGroups&Version=2011-01-01",
            iter([b"Action=DescribeAuto", b"ScalingGroups"]),
        ):
            connection.request("POST", "/", body, headers, encode_chunked=not isinstance(body, bytes))
            sockets.add(connection.sock)
            answer = connection.getresponse()
            self.assertEqual((200, 11), (answer.status, answer.version))
            self.assertIn(b"<LifecycleState>InService</LifecycleState>", answer.read())
        connection.close()
        self.assertEqual(1, len(sockets))


class MetadataTest(LabTest):
    def setUp(self) -> None:
        super().setUp()
        self.one, self.two, self.three = self.group()
        self.address = self.one["address"]

    def mode(self, mode: str, address: str = "*", **more: str) -> None:
        self.lab.control("POST", "imds", {"address": address, "mode": mode, **more})

    def assert_down(self, address: str, error: type[BaseException] = ConnectionRefusedError) -> None:
        with self.assertRaises((error, urllib.error.URLError)) as caught:
            self.lab.imds_token(address)
        reason = getattr(caught.exception, "reason", caught.exception)
        self.assertIsInstance(reason, error)

    def test_each_instance_knows_itself(self) -> None:
        for instance in (self.one, self.two, self.three):
            status, text = self.lab.imds(instance["address"], "/latest/dynamic/instance-identity/document")
            document = json.loads(text)
            self.assertEqual(200, status)
            self.assertEqual(
                (instance["id"], instance["address"], instance["zone"], "us-east-1", "123456789012", "2017-09-30"),
                tuple(
                    document[k]
                    for k in ("instanceId", "privateIp", "availabilityZone", "region", "accountId", "version")
                ),
            )
            for path, value in (
                ("instance-id", instance["id"]),
                ("local-ipv4", instance["address"]),
                ("placement/availability-zone", instance["zone"]),
                ("placement/region", "us-east-1"),
                ("autoscaling/target-lifecycle-state", "InService"),
            ):
                self.assertEqual((200, value), self.lab.imds(instance["address"], f"/latest/meta-data/{path}"))
            mac = self.lab.imds(instance["address"], "/latest/meta-data/mac")[1]
            listed = self.lab.imds(instance["address"], "/latest/meta-data/network/interfaces/macs/")[1]
            self.assertEqual(f"{mac}/", listed)
            path = f"/latest/meta-data/network/interfaces/macs/{mac}/local-ipv4s"
            self.assertEqual(instance["address"], self.lab.imds(instance["address"], path)[1])
        self.assertIn("placement/", self.lab.imds(self.address, "/latest/meta-data/")[1].split("\n"))
        self.assertEqual(404, self.lab.imds(self.address, "/latest/meta-data/ipv6")[0])
        self.assertEqual(404, self.lab.imds(self.address, "/latest/meta-data/instance-id/more")[0])
        self.assertEqual(404, self.lab.imds("127.0.0.1", "/latest/meta-data/instance-id")[0])

    def test_tokens_are_wanted_and_belong_to_one_instance(self) -> None:
        path = "/latest/meta-data/instance-id"
        status, token = self.lab.imds_token(self.address)
        self.assertEqual(200, status)
        self.assertEqual((200, self.one["id"]), self.lab.imds(self.address, path, token))
        self.assertEqual(401, self.lab.imds(self.address, path, None)[0])
        self.assertEqual(401, self.lab.imds(self.address, path, "made-up")[0])
        self.assertEqual(401, self.lab.imds(self.two["address"], path, token)[0])
        for ttl in ("0", "21601", "soon"):
            self.assertEqual(400, self.lab.imds_token(self.address, ttl)[0])
        self.assertEqual(400, request("PUT", f"http://{self.address}:{self.lab.imds_port}/latest/api/token")[0])
        short = self.lab.imds_token(self.address, "1")[1]
        time.sleep(1.1)
        self.assertEqual(401, self.lab.imds(self.address, path, short)[0])
        connection = http.client.HTTPConnection(self.address, self.lab.imds_port, timeout=5)
        connection.request("PUT", "/latest/api/token", headers={TOKEN_TTL: "60"})
        answer = connection.getresponse()
        self.assertEqual("60", answer.getheader(TOKEN_TTL))
        connection.close()

    def test_notices_appear_when_they_are_set(self) -> None:
        spot, rebalance = "/latest/meta-data/spot/instance-action", "/latest/meta-data/events/recommendations/rebalance"
        for path in (spot, rebalance):
            self.assertEqual(404, self.lab.imds(self.address, path)[0])
        action = {"action": "terminate", "time": "2030-01-01T00:00:00Z"}
        self.change(self.one, target="Terminated", spot=action, rebalance={"noticeTime": "2030-01-01T00:00:00Z"})
        self.assertEqual(action, json.loads(self.lab.imds(self.address, spot)[1]))
        self.assertEqual(action["time"], self.lab.imds(self.address, "/latest/meta-data/spot/termination-time")[1])
        self.assertIn("noticeTime", self.lab.imds(self.address, rebalance)[1])
        state = "/latest/meta-data/autoscaling/target-lifecycle-state"
        self.assertEqual("Terminated", self.lab.imds(self.address, state)[1])
        self.assertEqual("InService", self.lab.imds(self.two["address"], state)[1])
        self.change(self.one, spot=None)
        self.assertEqual(404, self.lab.imds(self.address, spot)[0])

    def test_the_credentials_are_those_of_the_role(self) -> None:
        path = "/latest/meta-data/iam/security-credentials"
        self.assertEqual("etcd-aws-node", self.lab.imds(self.address, f"{path}/")[1])
        self.assertEqual("Success", json.loads(self.lab.imds(self.address, f"{path}/etcd-aws-node")[1])["Code"])
        self.assertEqual(200, self.lab.imds(self.address, "/latest/iam/security-credentials/etcd-aws-node")[0])
        identity = self.lab.client("sts", self.lab.imds_credentials(self.address)).get_caller_identity()
        self.assertEqual(f"arn:aws:sts::123456789012:assumed-role/etcd-aws-node/{self.one['id']}", identity["Arn"])

    def test_the_metadata_service_fails_as_told(self) -> None:
        document = "/latest/dynamic/instance-identity/document"
        self.mode("forbidden")
        self.mode("v1-only", self.two["address"])
        self.assertEqual(403, self.lab.imds_token(self.address)[0])
        self.assertEqual(403, self.lab.imds(self.address, document, None)[0])
        self.assertEqual(404, self.lab.imds_token(self.two["address"])[0])
        self.assertEqual(200, self.lab.imds(self.two["address"], document, None)[0])
        self.mode("optional")
        self.assertEqual(200, self.lab.imds(self.address, document, None)[0])
        self.assertEqual(200, self.lab.imds(self.address, document)[0])
        self.mode("garbage")
        self.assertNotIn(self.one["id"], self.lab.imds(self.address, document)[1])
        self.mode("garbage", body="null")
        self.assertEqual((200, "null"), self.lab.imds(self.address, document))
        self.mode("empty")
        self.assertEqual((200, ""), self.lab.imds(self.address, document))
        self.mode("down")
        self.assert_down(self.address, ConnectionResetError)
        self.mode("ok")
        self.assertEqual(200, self.lab.imds(self.address, document)[0])
        self.mode("empty", path="/latest/meta-data/iam")
        self.assertEqual(200, self.lab.imds(self.address, document)[0])
        self.assertEqual("", self.lab.imds(self.address, "/latest/meta-data/iam/security-credentials/")[1])
        self.mode("hang", self.address)
        connection = http.client.HTTPConnection(self.address, self.lab.imds_port, timeout=0.5)
        connection.request("PUT", "/latest/api/token", headers={TOKEN_TTL: "60"})
        with self.assertRaises(socket.timeout):
            connection.getresponse()
        connection.close()
        self.assertEqual(200, self.lab.imds(self.two["address"], document)[0])
        self.lab.control("POST", "imds", {"mode": "broken"}, status=400)

    def test_the_metadata_service_goes_with_its_instance(self) -> None:
        kept = http.client.HTTPConnection(self.address, self.lab.imds_port, timeout=5)
        kept.request("PUT", "/latest/api/token", headers={TOKEN_TTL: "60"})
        kept.getresponse().read()
        self.lab.control("POST", f"instances/{self.one['id']}/terminate", {})
        self.assert_down(self.address)
        with self.assertRaises((http.client.HTTPException, OSError)):
            kept.request("GET", "/latest/meta-data/instance-id")
            kept.getresponse()
        kept.close()
        self.lab.control("POST", f"instances/{self.two['id']}/terminate", {"metadata": "keep"})
        self.assertEqual(self.two["id"], self.lab.imds(self.two["address"], "/latest/meta-data/instance-id")[1])
        self.change(self.two, metadata="close")
        self.assert_down(self.two["address"])
        self.change(self.three, state="stopped")
        self.assert_down(self.three["address"])
        self.change(self.three, state="running")
        self.assertEqual(200, self.lab.imds_token(self.three["address"])[0])

    def test_requests_for_metadata_are_recorded(self) -> None:
        self.lab.imds(self.address, "/latest/meta-data/instance-id")
        self.lab.imds(self.address, "/latest/meta-data/instance-id", None)
        recorded = [(c["address"], c["method"], c["status"]) for c in self.lab.control("GET", "imds")]
        self.assertEqual([(self.address, "PUT", 200), (self.address, "GET", 200), (self.address, "GET", 401)], recorded)
        self.lab.control("DELETE", "imds")
        self.assertEqual([], self.lab.control("GET", "imds"))


class CommandTest(unittest.TestCase):
    def test_servers_run_side_by_side_and_end_with_their_parents(self) -> None:
        one, two = Server("--group", "etcd", "--desired", "3", "--cidr", "127.77.0.0/24"), Server()
        self.assertNotEqual((one.url, one.imds_port), (two.url, two.imds_port))
        self.assertEqual(one.process.pid, one.ready["pid"])
        self.assertEqual("127.77.0.4", one.ready["group"]["instances"][0]["address"])
        two.control("POST", "groups", {"name": "etcd", "cidr": "127.77.0.0/24"})
        for server in (one, two):
            self.assertEqual(200, server.imds_token("127.77.0.4")[0])
        self.assertEqual(0, one.stop())
        os.kill(two.process.pid, signal.SIGTERM)
        self.assertEqual(0, two.process.wait(5))
        two.stop()

    def test_it_speaks_https(self) -> None:
        if not shutil.which("openssl"):
            self.skipTest("no openssl to make a certificate with")
        with tempfile.TemporaryDirectory() as directory:
            key, certificate = f"{directory}/key.pem", f"{directory}/cert.pem"
            make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=lab"
            options = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate]
            subprocess.run([*make.split(), *options], check=True, capture_output=True)
            server = Server("--tls", certificate, key, "--group", "etcd")
            try:
                self.assertTrue(server.url.startswith("https://"))
                keys = {"aws_access_key_id": "AKIATEST", "aws_secret_access_key": "secret", "verify": certificate}
                client = server.client("autoscaling", keys)
                self.assertEqual(1, len(client.describe_auto_scaling_groups()["AutoScalingGroups"]))
                context = ssl.create_default_context(cafile=certificate)
                body = json.dumps({"action": "*", "reset": True}).encode()
                opener = urllib.request.build_opener(
                    urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
                )
                opener.open(f"{server.url}/lab/faults", body, timeout=5).close()
                with self.assertRaises(ConnectionClosedError):
                    client.describe_auto_scaling_groups()
            finally:
                server.stop()


if __name__ == "__main__":
    unittest.main()
