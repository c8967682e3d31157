#!/usr/bin/env python3
"""An AWS on loopback, made for tests: moto's services, instance metadata, and a control API that breaks things.

    aws.py [--host 127.0.0.1] [--port 0] [--imds-port 0] [--tls CERT KEY] [--with-parent]
           [--group NAME [--cidr 127.77.0.0/24] [--desired 3]]

Prints one line of JSON when it is ready, {"aws": URL, "imdsPort": N, "pid": N} (and "group" if one was asked for),
then runs until SIGTERM, or with --with-parent until its standard input is closed too, so that it cannot outlive a
killed test. Needs Python 3.9 or newer and the moto that scripts/lab/setup provides.

Why not plain moto: it launches and replaces instances when it likes, puts all of them in one zone, lets terminated
ones keep their address, knows no pages for two of the three calls that matter here, never waits in a lifecycle hook,
never fails, and has no metadata service for each instance. Here a group holds exactly the instances that a test put
there, their private addresses are loopback addresses on which a real etcd can listen, and every answer can be
overridden. What moto gets right (parsing, serializing, IAM, STS, tags, S3 ...) stays moto's.

INSTANCE METADATA listens on the address of every instance, always on the same port, and knows the instance by the
address it is spoken to: AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.1.0.4:PORT. It goes when the instance is stopped
or terminated. The role's credentials that it hands out are real to moto's STS and IAM, and name their instance.

CONTROL API, at the same port as AWS's, so no bucket can be called "lab". JSON in and out; errors are {"error": TEXT}:

POST /lab/groups {"name", "cidr": "127.1.0.0/24", "desired": 3, "zones": 3, "tags": {}, "pendingAddresses": [],
        "min", "max", "hooks": {"launch": NAME, "terminate": NAME}}  A group with `desired` instances in us-east-1a, b,
        c. Addresses are the pendingAddresses in turn, then .4, .5, ... of the CIDR (/16 to /26), none twice. For hooks
        see below.
GET  /lab/groups/NAME  {"name", "desired", "instances": [{"id", "address", "zone", "lifecycle", "state"}]}
POST /lab/groups/NAME {"desired", "min", "max", "tags", "hooks"}  Changes what is said of the group; launches and ends
        nothing. Hooks that are not given stay; a hook that is null goes.
POST /lab/groups/NAME/launch {"address", "id", "zone", any override}  One more instance; the desired capacity stays.
POST /lab/instances/ID/terminate {"replace": true, "address", "id", "metadata": "keep"}  Terminated, out of the group,
        without an address, as in EC2. With replace, an instance with a new id (and address) comes in its place.
POST /lab/instances/ID/retire {}  The group ends it, as in a scale-in or an instance refresh: it waits in the hook for
        terminations if there is one, and is terminated at once elsewhere.
POST /lab/instances/ID  Overrides what is said of an instance; only the keys that are given:
        "lifecycle": "Terminating:Wait", "health": "Unhealthy"  in the group; the target lifecycle state in its metadata
                                 follows the first, unless it is given too
        "hidden": true           missing from the answers about groups, still known to EC2
        "state": "stopped"       in EC2 (and "terminated" while the group still lists it)
        "forgotten": true        not known to EC2 at all, as some time after its end
        "address": null | IP     EC2 says no, or another, address; the instance itself keeps its own
        "ipv6": IP | null, "secondInterface": IP | null
        "target": "Terminated", "spot": {...} | null, "rebalance": {...} | null  in its metadata
        "metadata": "keep" | "close"  whether its metadata outlives it
POST /lab/faults {"action": NAME or "*", "times": N (default: until cleared), "caller": instance id (default: anyone),
        and what happens: "delayMillis": N, then one of "code" (with "status", "message"), "hang", "reset": true (the
        connection), "garbage": true (200 and a cut body), "empty": true (an empty set)}  The first that fits applies.
DELETE /lab/faults
POST /lab/iam {"deny": ["autoscaling:Describe*"], "allow": [...]}  Refuses what is denied and, if "allow" is given, all
        that is not allowed, for everyone, in the words of AWS. Replaces the policy before.
POST /lab/page-size {"size": 1 | null}  At most so many a page in DescribeAutoScalingGroups, -Instances and
        DescribeInstances, whatever the client asks for.
GET, DELETE /lab/calls  [{"time", "service", "action", "params", "status" (0: no answer), "userAgent", "caller"}], the
        last 10,000; with ?since=TIME, as in such a record, or ?caller=ID only those.
GET  /lab/calls/count  {"total", "byAction": {NAME: N}, "byCaller": {ID, or "" for strangers: N}}, with the same
        questions. An error if the record begins after `since`.
GET, DELETE /lab/heartbeats  [{"time", "group", "hook", "instance"}]: the lifecycle heartbeats that were accepted
POST /lab/imds {"address": IP or "*", "mode", "path": prefix (default: all), "body": for garbage}  Modes: "ok" = "v2-only"
        (401 without a token), "optional" (v1 and v2), "v1-only" (404 to tokens), "down" (connection reset), "hang",
        "forbidden", "garbage" and "empty" (200; tokens are still given out). The latest that fits applies.
GET, DELETE /lab/imds  [{"time", "address", "method", "path", "status"}]: the requests for metadata
POST /lab/reset  Forgets everything.

LIFECYCLE HOOKS, made with "hooks" or PutLifecycleHook, hold up what the lab launches (Pending:Wait) and retires
(Terminating:Wait, target lifecycle state Terminated) for as long as it takes: there is no heartbeat timeout.
CompleteLifecycleAction by the hook's name moves the instance on at once: to InService, or, when it leaves or its launch
is abandoned, to its end, as /terminate does. /terminate itself waits for no hook, like a machine that dies.
"""

from __future__ import annotations

import argparse
import base64
import collections
import fnmatch
import hashlib
import io
import ipaddress
import itertools
import json
import os
import re
import secrets
import select
import signal
import socket
import ssl
import struct
import sys
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.sax.saxutils import escape

import moto.autoscaling.models as moto_autoscaling
import moto.ec2.models.instances as moto_instances
from moto import settings as moto_settings
from moto.autoscaling.responses import AutoScalingResponse
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.core.responses import ActionResult, EmptyResult
from moto.ec2 import ec2_backends
from moto.ec2.responses.instances import InstanceResponse
from moto.iam import iam_backends
from moto.moto_api._internal.models import moto_api_backend
from moto.server import DomainDispatcherApplication, create_backend_app
from moto.sts import sts_backends

REGION = "us-east-1"
ROLE = "etcd-aws-node"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"
IMAGE = "ami-760aaa0f"  # any: nobody asks what is on it
INSTANCE_TYPE = "t3.small"
EC2_STATES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}
MAX_CALLS = 10_000  # kept in the record
TRANSITIONS = {"launch": "autoscaling:EC2_INSTANCE_LAUNCHING", "terminate": "autoscaling:EC2_INSTANCE_TERMINATING"}
WAITING = {"Pending:Wait": "launch", "Terminating:Wait": "terminate"}
# Where the group takes an instance that is in a lifecycle state of this beginning.
TARGETS = {
    "Pending": "InService",
    "InService": "InService",
    "Terminat": "Terminated",
    "Detach": "Detached",
    "EnteringStandby": "Standby",
    "Standby": "Standby",
}

Answer = tuple[int, dict[str, str], bytes]  # status, headers, body


class LabError(Exception):
    """A request to the control API that makes no sense."""

    def __init__(self, message: str, status: int = 400):
        super().__init__(message)
        self.status = status


class Refused(Exception):
    """AWS's no to a call: its error code, and what it says."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


@dataclass
class Group:
    """An auto scaling group that tests have in hand: moto itself launches and ends nothing in it."""

    name: str
    subnets: dict[str, Any]  # by zone
    pending: collections.deque[str]  # addresses to give out first
    addresses: Iterator[str]


@dataclass
class Node:
    """What the lab knows of an instance beyond moto's model of it."""

    instance: Any
    address: str  # its own, where its metadata listens, whatever EC2 is made to say
    interfaces: dict[int, Any]  # moto's, kept while EC2 is made to show none
    group: str | None = None
    hidden: bool = False
    forgotten: bool = False
    keep_metadata: bool = False
    target: str = "InService"
    spot: dict[str, str] | None = None
    rebalance: dict[str, str] | None = None
    credentials: Any = None

    @property
    def id(self) -> str:
        return self.instance.id

    @property
    def zone(self) -> str:
        return self.instance._placement.zone

    def has_metadata(self) -> bool:
        alive = self.instance.state not in ("stopped", "terminated")
        return (alive or self.keep_metadata) and ipaddress.ip_address(self.address).is_loopback

    def set_ec2_state(self, name: str) -> None:
        self.instance._state.name, self.instance._state.code = name, EC2_STATES[name]
        if name == "terminated":
            self.set_ec2_address(None)

    def set_ec2_address(self, address: str | None) -> None:
        self.instance.nics = dict(self.interfaces) if address else {}
        if address:
            primary = self.interfaces[0]
            primary.private_ip_address = address
            primary.private_ip_addresses = [{"Primary": True, "PrivateIpAddress": address}]

    def set_interface(self, index: int, interface: Any) -> None:
        self.interfaces.pop(index, None)
        self.instance.nics.pop(index, None)
        if interface:
            self.instance.attach_eni(interface, index)
            self.interfaces[index] = interface


@dataclass
class Call:
    """A request to AWS, as far as it can be read without knowing every service."""

    service: str
    action: str
    params: dict[str, Any]
    style: str  # how its service words errors: query, ec2, json or s3
    access_key: str

    @staticmethod
    def of(method: str, target: str, headers: Any, body: bytes) -> Call:
        url = urlsplit(target)
        signed = re.search(r"Credential=([^/]+)/\d+/[^/]+/([^/]+)/aws4_request", headers.get("Authorization", ""))
        access_key, service = signed.groups() if signed else ("", "")
        if "X-Amz-Target" in headers:
            action = headers["X-Amz-Target"].split(".")[-1]
            return Call(service, action, json.loads(body or b"{}"), "json", access_key)
        params = dict(parse_qsl(url.query, keep_blank_values=True))
        if headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
            params.update(parse_qsl(body.decode(), keep_blank_values=True))
        if "Action" in params:
            service = service or {"2011-01-01": "autoscaling", "2016-11-15": "ec2"}.get(params.get("Version", ""), "")
            style = "ec2" if service == "ec2" else "query"
            return Call(service, params.pop("Action"), params, style, access_key)
        bucket, _, key = unquote(url.path).lstrip("/").partition("/")
        verb = {"GET": "Get", "PUT": "Put", "HEAD": "Head", "DELETE": "Delete"}.get(method, method)
        action = f"{verb}Object" if key else "ListObjectsV2" if "list-type" in params else f"{verb}Bucket"
        return Call(service or "s3", action, {"Bucket": bucket, "Key": key, **params}, "s3", access_key)

    @property
    def reads(self) -> bool:
        return self.action.startswith(("Describe", "Get", "List", "Head"))


class Lab:
    """The state of the emulated AWS. Everything that touches it or moto holds the lock."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.listeners: dict[str, Listener] = {}
        self.imds_port = 0
        self.clear()

    def clear(self) -> None:
        self.groups: dict[str, Group] = {}
        self.nodes: dict[str, Node] = {}
        self.faults: list[dict[str, Any]] = []
        self.calls: collections.deque[dict[str, Any]] = collections.deque(maxlen=MAX_CALLS)
        self.heartbeats: list[dict[str, str]] = []
        self.policy: dict[str, list[str]] = {}
        self.page_size: int | None = None
        self.metadata_modes: list[dict[str, str]] = []
        self.metadata_calls: collections.deque[dict[str, Any]] = collections.deque(maxlen=MAX_CALLS)
        self.tokens: dict[str, tuple[str, float]] = {}  # to whom, until when

    @property
    def ec2(self) -> Any:
        return ec2_backends[ACCOUNT][REGION]

    @property
    def autoscaling(self) -> Any:
        return moto_autoscaling.autoscaling_backends[ACCOUNT][REGION]

    # --- Instances and groups ------------------------------------------------------------------------------------

    def create_group(self, spec: dict[str, Any]) -> dict[str, Any]:
        expect(spec, "name", "cidr", "desired", "zones", "tags", "pendingAddresses", "min", "max", "hooks")
        name, desired = spec.get("name", ""), spec.get("desired", 3)
        network = ipaddress.ip_network(spec.get("cidr", "127.1.0.0/24"))
        if not name or name in self.autoscaling.autoscaling_groups:
            raise LabError(f"a group needs a name of its own, not '{name}'")
        if not network.is_loopback or not 16 <= network.prefixlen <= 26:
            raise LabError("the cidr must be a /16 to /26 of 127.0.0.0/8")
        zones = [REGION + letter for letter in "abcdef"[: spec.get("zones", 3)]]
        vpc = self.ec2.create_vpc(str(network))
        # The subnets only lend their ids and zones: addresses are given out in sequence over the whole network.
        cidrs = network.subnets(prefixlen_diff=(len(zones) - 1).bit_length() or 1)
        subnets = {z: self.ec2.create_subnet(vpc.id, str(c), availability_zone=z) for z, c in zip(zones, cidrs)}
        template = self.ec2.create_launch_template(
            f"{name}-{uuid.uuid4().hex[:8]}", "", {"ImageId": IMAGE, "InstanceType": INSTANCE_TYPE}, {}
        )
        addresses = (str(address) for address in itertools.islice(network.hosts(), 3, None))  # AWS keeps .0 to .3
        pending = collections.deque(spec.get("pendingAddresses", []))
        self.groups[name] = Group(name, subnets, pending, addresses)  # first, since it keeps moto from launching
        self.autoscaling.create_auto_scaling_group(
            name=name,
            availability_zones=[],
            desired_capacity=desired,
            max_size=spec.get("max", desired),
            min_size=spec.get("min", desired),
            launch_config_name="",
            launch_template={"LaunchTemplateId": template.id, "Version": "1"},
            vpc_zone_identifier=",".join(subnet.id for subnet in subnets.values()),
            default_cooldown=None,
            health_check_period=None,
            health_check_type=None,
            load_balancers=[],
            target_group_arns=[],
            placement_group=None,
            termination_policies=[],
            tags=[],
        )
        self.set_tags(name, spec.get("tags", {}))
        self.set_hooks(name, spec.get("hooks", {}))
        for _ in range(desired):
            self.launch(name, {})
        return self.describe_group(name)

    def describe_group(self, name: str) -> dict[str, Any]:
        group = self.moto_group(name)
        members = [self.describe_node(self.node(state.instance_id), state) for state in group.instance_states]
        return {"name": name, "desired": group.desired_capacity, "instances": members}

    def describe_node(self, node: Node, state: Any) -> dict[str, Any]:
        lifecycle = state.lifecycle_state if state else None
        found = {"id": node.id, "address": node.address, "zone": node.zone}
        return {**found, "lifecycle": lifecycle, "state": node.instance.state}

    def change_group(self, name: str, changes: dict[str, Any]) -> dict[str, Any]:
        expect(changes, "desired", "min", "max", "tags", "hooks")
        group = self.moto_group(name)
        group.desired_capacity = changes.get("desired", group.desired_capacity)
        group.min_size = changes.get("min", min(group.min_size, group.desired_capacity))
        group.max_size = changes.get("max", max(group.max_size, group.desired_capacity))
        self.set_tags(name, changes.get("tags", {}))
        self.set_hooks(name, changes.get("hooks", {}))
        return self.describe_group(name)

    def set_tags(self, name: str, tags: dict[str, str]) -> None:
        common = {"ResourceId": name, "ResourceType": "auto-scaling-group", "PropagateAtLaunch": True}
        self.autoscaling.create_or_update_tags([{"Key": k, "Value": v, **common} for k, v in tags.items()])

    def set_hooks(self, group: str, hooks: dict[str, str | None]) -> None:
        expect(hooks, *TRANSITIONS)
        for transition, name in hooks.items():
            for old in self.hooks(group, transition):
                del self.autoscaling.lifecycle_hooks[f"{group}_{old.name}"]
            if name:
                hook = self.autoscaling.create_lifecycle_hook(name, group, TRANSITIONS[transition], 3600, "ABANDON")
                hook.role_arn = hook.notification_target_arn = None

    def hooks(self, group: str, transition: str) -> list[Any]:
        hooks = self.autoscaling.describe_lifecycle_hooks(group)
        return [hook for hook in hooks if hook.lifecycle_transition == TRANSITIONS[transition]]

    def launch(self, group_name: str, spec: dict[str, Any]) -> dict[str, Any]:
        moto_group = self.moto_group(group_name)
        group = self.groups.get(group_name)
        if not group:
            raise LabError(f"the group {group_name} was not made by /lab/groups")
        spec = dict(spec)
        members = [state.instance._placement.zone for state in moto_group.instance_states]
        zone = spec.pop("zone", None) or min(group.subnets, key=members.count)  # the emptiest, as AWS does
        if zone not in group.subnets:
            raise LabError(f"the group has no zone {zone}")
        wanted, identity = spec.pop("address", None), spec.pop("id", None)
        address = self.free_address(group, wanted)
        if identity in self.nodes:
            raise LabError(f"there is an instance {identity} already", 409)
        random_id = moto_instances.random_instance_id
        if identity:
            moto_instances.random_instance_id = lambda: identity
        try:
            reservation = self.ec2.run_instances(
                IMAGE,
                1,
                None,
                [],
                instance_type=INSTANCE_TYPE,
                is_instance_type_default=False,
                subnet_id=group.subnets[zone].id,
                placement=zone,
                associate_public_ip=False,
                metadata_options={"HttpTokens": "required"},
                launch_template={"LaunchTemplateId": moto_group.ec2_launch_template.id},
                tags={"instance": {**moto_group.get_propagated_tags(), "aws:autoscaling:groupName": group_name}},
            )
        finally:
            moto_instances.random_instance_id = random_id
        instance = reservation.instances[0]
        state = moto_autoscaling.InstanceState(instance, autoscaling_group=moto_group)
        moto_group.instance_states.append(state)
        node = Node(instance, address, dict(instance.nics), group_name)
        node.set_ec2_address(address)
        self.nodes[node.id] = node
        if self.hooks(group_name, "launch"):
            spec.setdefault("lifecycle", "Pending:Wait")
        self.change_node(node, spec)
        return self.describe_node(node, state)

    def free_address(self, group: Group, wanted: str | None) -> str:
        taken = {node.address for node in self.nodes.values() if node.instance.state != "terminated"}
        if wanted is None:
            for address in itertools.chain(group.pending.copy(), group.addresses):
                if group.pending and group.pending[0] == address:
                    group.pending.popleft()
                if address not in taken:
                    return address
            raise LabError("the group's network has no address left", 409)
        if not ipaddress.ip_address(wanted).is_loopback:
            raise LabError(f"{wanted} is no loopback address")
        if wanted in taken:
            raise LabError(f"an instance has {wanted}", 409)
        return wanted

    def change_node(self, node: Node, changes: dict[str, Any]) -> dict[str, Any]:
        instance, state = node.instance, self.membership(node)
        for key, value in changes.items():
            if key in ("lifecycle", "health"):
                if not state:
                    raise LabError(f"{node.id} is in no group")
                setattr(state, "lifecycle_state" if key == "lifecycle" else "health_status", value)
                if key == "lifecycle" and "target" not in changes:
                    node.target = next((to for start, to in TARGETS.items() if value.startswith(start)), node.target)
            elif key == "state":
                if value not in EC2_STATES:
                    raise LabError(f"no EC2 state: {value}")
                node.set_ec2_state(value)
            elif key in ("hidden", "forgotten", "target", "spot", "rebalance"):
                setattr(node, key, value)
            elif key == "metadata":
                node.keep_metadata = value == "keep"
            elif key == "address":
                node.set_ec2_address(value)
            elif key == "ipv6":
                node.interfaces[0].ipv6_addresses = [value] if value else []
                instance.ipv6_address = value
            elif key == "secondInterface":
                subnet = instance.subnet_id
                node.set_interface(1, self.ec2.create_network_interface(subnet, value) if value else None)
            else:
                raise LabError(f"no override of an instance: {key}")
        return self.describe_node(node, state)

    def terminate(self, node: Node, spec: dict[str, Any]) -> dict[str, Any]:
        expect(spec, "replace", "address", "id", "metadata")
        group = node.group
        if spec.get("metadata") == "keep":
            node.keep_metadata = True
        self.ec2.terminate_instances([node.id])
        self.autoscaling.notify_terminate_instances([node.id])
        replacement = None
        if spec.get("replace"):
            if not group:
                raise LabError(f"{node.id} was in no group")
            replacement = self.launch(group, {k: v for k, v in spec.items() if k in ("address", "id")})
        return {"terminated": node.id, "replacement": replacement}

    def retire(self, node: Node) -> dict[str, Any]:
        state = self.membership(node)
        if not state:
            raise LabError(f"{node.id} is in no group")
        if self.hooks(state.auto_scaling_group_name, "terminate"):
            self.change_node(node, {"lifecycle": "Terminating:Wait"})
        else:
            self.terminate(node, {})
        return self.describe_node(node, self.membership(node))

    def node(self, instance_id: str) -> Node:
        if instance_id not in self.nodes:
            raise LabError(f"no instance {instance_id}", 404)
        return self.nodes[instance_id]

    def moto_group(self, name: str) -> Any:
        if name not in self.autoscaling.autoscaling_groups:
            raise LabError(f"no group {name}", 404)
        return self.autoscaling.autoscaling_groups[name]

    def membership(self, node: Node) -> Any:
        """moto's record of the instance in its group, None if it is in none."""
        for group in self.autoscaling.autoscaling_groups.values():
            for state in group.instance_states:
                if state.instance is node.instance:
                    return state
        return None

    def is_hidden(self, instance_id: str) -> bool:
        return instance_id in self.nodes and self.nodes[instance_id].hidden

    def is_forgotten(self, instance_id: str) -> bool:
        return instance_id in self.nodes and self.nodes[instance_id].forgotten

    def settle(self) -> None:
        """Catches up with whatever was just done: instances made through the API, and who has metadata."""
        for instance in self.ec2.all_instances():
            if instance.id not in self.nodes and instance.private_ip:
                self.nodes[instance.id] = Node(instance, instance.private_ip, dict(instance.nics))
        for name in self.groups.keys() - self.autoscaling.autoscaling_groups.keys():
            del self.groups[name]  # deleted through the API
        wanted = {node.address for node in self.nodes.values() if node.has_metadata()} | {"127.0.0.1"}
        for address in self.listeners.keys() - wanted:
            self.listeners.pop(address).close()
        for address in wanted - self.listeners.keys():
            self.listeners[address] = Listener(self, address, self.imds_port, MetadataHandler)

    def listen_for_metadata(self, port: int) -> None:
        """Takes the port on 127.0.0.1 for good, so that another lab on this machine chooses another one."""
        self.listeners["127.0.0.1"] = Listener(self, "127.0.0.1", port, MetadataHandler)
        self.imds_port = self.listeners["127.0.0.1"].port

    def reset(self) -> None:
        self.clear()
        moto_api_backend.reset()
        moto_settings.INITIAL_NO_AUTH_ACTION_COUNT = float("inf")  # as it was before any /moto-api/reset-auth

    # --- Credentials and permissions -----------------------------------------------------------------------------

    def credentials(self, node: Node) -> Any:
        """The role's temporary credentials of an instance, known to moto's STS, so that they name their instance."""
        if not node.credentials:
            iam = iam_backends[ACCOUNT]["aws"]
            if not any(role.name == ROLE for role in iam.roles.values()):
                trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
                document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
                iam.create_role(ROLE, document, "/", None, "", [], "43200")
            node.credentials = sts_backends[ACCOUNT]["aws"].assume_role(REGION, node.id, ROLE_ARN, "", 21600, "")
        return node.credentials

    def caller(self, call: Call) -> str | None:
        """The id of the instance whose credentials signed the call."""
        for node in self.nodes.values():
            if node.credentials and node.credentials.access_key_id == call.access_key:
                return node.id
        return None

    def refusal(self, call: Call) -> str | None:
        """Why the caller may not do this, in AWS's words; None if it may."""
        action = f"{call.service}:{call.action}"

        def listed(effect: str) -> bool:
            return any(fnmatch.fnmatch(action.lower(), p.lower()) for p in self.policy.get(effect, []))

        if not listed("deny") and ("allow" not in self.policy or listed("allow")):
            return None
        return self.denial(call)

    def denial(self, call: Call) -> str:
        action, instance = f"{call.service}:{call.action}", self.caller(call)
        user = f"sts::{ACCOUNT}:assumed-role/{ROLE}/{instance}" if instance else f"iam::{ACCOUNT}:user/lab"
        resource = ""
        group = call.params.get("AutoScalingGroupName") or call.params.get("Tags.member.1.ResourceId")
        if call.service == "autoscaling" and not call.reads and group:
            arn = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:*:autoScalingGroupName/{group}"
            resource = f" on resource: {arn}"
        elif call.service == "s3":
            resource = f' on resource: "arn:aws:s3:::{call.params["Bucket"]}/{call.params["Key"]}"'
        why = f"because no identity-based policy allows the {action} action"
        text = f"User: arn:aws:{user} is not authorized to perform: {action}{resource} {why}"
        return f"You are not authorized to perform this operation. {text}" if call.style == "ec2" else text

    # --- Faults --------------------------------------------------------------------------------------------------

    def add_fault(self, fault: dict[str, Any]) -> dict[str, Any]:
        effects = ("code", "hang", "reset", "garbage", "empty", "delayMillis")
        expect(fault, "action", "times", "caller", "status", "message", *effects)
        if "action" not in fault or not any(effect in fault for effect in effects):
            raise LabError(f"a fault needs an action and one of {', '.join(effects)}")
        self.faults.append(dict(fault))
        return fault

    def take_fault(self, call: Call) -> dict[str, Any]:
        for fault in self.faults:
            if fault["action"] not in ("*", call.action) or fault.get("times", 1) <= 0:
                continue
            if fault.get("caller") in (None, self.caller(call)):
                if "times" in fault:
                    fault["times"] -= 1
                return fault
        return {}

    def set_metadata_mode(self, spec: dict[str, str]) -> dict[str, str]:
        expect(spec, "address", "mode", "path", "body")
        if spec.get("mode") not in MetadataHandler.MODES:
            raise LabError(f"the mode must be one of {', '.join(MetadataHandler.MODES)}")
        self.metadata_modes.append({"address": "*", "path": "/", **spec})
        return spec

    def metadata_mode(self, address: str, path: str) -> dict[str, str]:
        for spec in reversed(self.metadata_modes):
            if spec["address"] in ("*", address) and path.startswith(spec["path"]):
                return spec
        return {"mode": "ok"}

    # --- What was called -----------------------------------------------------------------------------------------

    def recorded(self, question: dict[str, str]) -> list[dict[str, Any]]:
        """The calls since a moment, by a caller."""
        expect(question, "since", "caller")
        since, caller = question.get("since", ""), question.get("caller")
        return [call for call in self.calls if call["time"] >= since and caller in (None, call["caller"])]

    def count_calls(self, question: dict[str, str]) -> dict[str, Any]:
        if len(self.calls) == MAX_CALLS and self.calls[0]["time"] > question.get("since", ""):
            raise LabError(f"the record holds {MAX_CALLS} calls and begins at {self.calls[0]['time']}", 409)
        calls = self.recorded(question)
        by_action = collections.Counter(call["action"] for call in calls)
        by_caller = collections.Counter(call["caller"] or "" for call in calls)
        return {"total": len(calls), "byAction": by_action, "byCaller": by_caller}

    # --- The control API -----------------------------------------------------------------------------------------

    def control(self, method: str, path: str, body: dict[str, Any]) -> Any:
        parts = [unquote(part) for part in path.strip("/").split("/")[1:]]
        route = method, parts[0], len(parts)
        if route == ("POST", "groups", 1):
            return self.create_group(body)
        if route == ("GET", "groups", 2):
            return self.describe_group(parts[1])
        if route == ("POST", "groups", 2):
            return self.change_group(parts[1], body)
        if route == ("POST", "groups", 3) and parts[2] == "launch":
            return self.launch(parts[1], body)
        if route == ("POST", "instances", 2):
            return self.change_node(self.node(parts[1]), body)
        if route == ("POST", "instances", 3) and parts[2] == "terminate":
            return self.terminate(self.node(parts[1]), body)
        if route == ("POST", "instances", 3) and parts[2] == "retire":
            expect(body)
            return self.retire(self.node(parts[1]))
        if route == ("POST", "faults", 1):
            return self.add_fault(body)
        if route == ("DELETE", "faults", 1):
            return self.faults.clear()
        if route == ("POST", "iam", 1):
            expect(body, "deny", "allow")
            self.policy = body
            return body
        if route == ("POST", "page-size", 1):
            self.page_size = body.get("size")
            return body
        if route == ("GET", "calls", 1):
            return self.recorded(body)
        if route == ("GET", "calls", 2) and parts[1] == "count":
            return self.count_calls(body)
        if route == ("DELETE", "calls", 1):
            return self.calls.clear()
        if route == ("GET", "heartbeats", 1):
            return self.heartbeats
        if route == ("DELETE", "heartbeats", 1):
            return self.heartbeats.clear()
        if route == ("POST", "imds", 1):
            return self.set_metadata_mode(body)
        if route == ("GET", "imds", 1):
            return list(self.metadata_calls)
        if route == ("DELETE", "imds", 1):
            return self.metadata_calls.clear()
        if route == ("POST", "reset", 1):
            return self.reset()
        raise LabError(f"no such thing: {method} {path}", 404)


def expect(body: dict[str, Any], *keys: str) -> None:
    """Refuses a misspelt key: a test that thinks it broke something must not pass."""
    unknown = body.keys() - set(keys)
    if unknown:
        raise LabError(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(keys)}")


def now() -> str:
    seconds, milliseconds = divmod(time.time_ns() // 1_000_000, 1000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{milliseconds:03}Z"


# --- What moto does otherwise than AWS, put right ----------------------------------------------------------------


def amend_moto(lab: Lab) -> None:
    """Replaces, in this process, those methods of moto that stand in the way."""
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"  # images by the thousand that nobody asks for, anew at each reset
    group_type, instance_type = moto_autoscaling.FakeAutoScalingGroup, moto_instances.Instance
    moto_set_desired, moto_launch = group_type.set_desired_capacity, group_type.replace_autoscaling_group_instances
    moto_terminate, moto_put_hook = instance_type.terminate, AutoScalingResponse.put_lifecycle_hook

    def set_desired_capacity(self: Any, capacity: int | None) -> None:
        if self.name in lab.groups:
            self.desired_capacity = self.min_size if capacity is None else capacity
        else:
            moto_set_desired(self, capacity)

    def launch_instances(self: Any, count: int, tags: dict[str, str]) -> None:
        if self.name not in lab.groups:
            moto_launch(self, count, tags)

    def terminate(self: Any) -> Any:
        previous = moto_terminate(self)
        for interface in self.nics.values():
            self.ec2_backend.enis.pop(interface.id, None)
        self.nics, self._subnet_id = {}, None
        return previous

    def primary(name: str, otherwise: str | None = None) -> property:
        """An attribute that comes from the first network interface, which an instance may not have."""

        def get(self: Any) -> Any:
            return getattr(self.nics[0], name) if 0 in self.nics else otherwise

        return property(get)

    def private_dns_name(self: Any) -> str:
        return f"ip-{self.private_ip.replace('.', '-')}.ec2.internal" if self.private_ip else ""

    group_type.set_desired_capacity = set_desired_capacity
    group_type.replace_autoscaling_group_instances = launch_instances
    group_type.instances = property(
        lambda self: [state for state in self.instance_states if not lab.is_hidden(state.instance_id)]
    )
    # moto gives the local time and no zone, at which SDKs stumble.
    group_type.created_time = property(lambda self: self._created, lambda self, _: setattr(self, "_created", now()))
    instance_type.terminate = terminate
    instance_type.private_ip = instance_type.private_ip_address = primary("private_ip_address")
    instance_type.public_ip = instance_type.public_ip_address = primary("public_ip")
    instance_type.private_dns_name = property(private_dns_name)
    moto_association = moto_instances.NetworkInterface.association.fget
    moto_instances.NetworkInterface.association = property(lambda self: moto_association(self) or None)

    def page(items: list[Any], limit: int, response: Any) -> tuple[list[Any], str | None]:
        """One page of the items and the token of the next, which belongs to this very query."""
        query = {k: v for k, v in response.querystring.items() if k not in ("NextToken", "MaxRecords", "MaxResults")}
        mark = hashlib.sha256(repr(sorted(query.items())).encode()).hexdigest()[:16]
        start, token = 0, response._get_param("NextToken")
        if token:
            try:
                start, given = json.loads(base64.urlsafe_b64decode(token))
            except ValueError:
                given = None
            if given != mark:
                raise Refused("InvalidNextToken", f"The token '{token}' is invalid")
        end = start + min(limit, lab.page_size or limit)
        following = base64.urlsafe_b64encode(json.dumps([end, mark]).encode()).decode()
        return items[start:end], following if end < len(items) else None

    def records(response: Any, maximum: int) -> int:
        given = int(response._get_param("MaxRecords") or min(maximum, 50))
        if not 1 <= given <= maximum:
            constraint = f"Member must have value less than or equal to {maximum}"
            text = f"1 validation error detected: Value '{given}' at 'maxRecords' failed to satisfy constraint:"
            raise Refused("ValidationError", f"{text} {constraint}")
        return given

    def describe_auto_scaling_groups(self: Any) -> ActionResult:
        filters = self._get_param("Filters", [])
        for item in filters:
            if item["Name"] not in ("tag-key", "tag-value") and not item["Name"].startswith("tag:"):
                raise Refused("ValidationError", f"Invalid filter name '{item['Name']}'")
        names = self._get_param("AutoScalingGroupNames", [])
        groups = self.autoscaling_backend.describe_auto_scaling_groups(names, filters=filters)
        groups, token = page(groups, records(self, 100), self)
        return ActionResult({"AutoScalingGroups": groups, "NextToken": token})

    def describe_auto_scaling_instances(self: Any) -> ActionResult:
        ids = self._get_param("InstanceIds", [])
        if len(ids) > 50:
            text = "The number of instance ids that may be passed in is limited to 50"
            raise Refused("ValidationError", text)
        states = self.autoscaling_backend.describe_auto_scaling_instances(ids)
        states = [state for state in states if not lab.is_hidden(state.instance_id)]
        states, token = page(states, records(self, 50), self)
        answer = [
            {
                "InstanceId": state.instance_id,
                "InstanceType": state.instance_type,
                "AutoScalingGroupName": state.auto_scaling_group_name,
                "AvailabilityZone": str(state.availability_zone),
                "LifecycleState": state.lifecycle_state,
                "HealthStatus": state.health_status.upper(),  # so in this call, "Healthy" in the other
                "LaunchTemplate": state.launch_template,
                "LaunchConfigurationName": state.launch_configuration_name if not state.launch_template else None,
                "ProtectedFromScaleIn": state.protected_from_scale_in,
            }
            for state in states
        ]
        return ActionResult({"AutoScalingInstances": answer, "NextToken": token})

    def describe_instances(self: Any) -> ActionResult:
        self.error_on_dryrun()
        ids = self._get_param("InstanceIds", [])
        if ids and self._get_param("MaxResults"):
            text = "The parameter instancesSet cannot be used with the parameter maxResults"
            raise Refused("InvalidParameterCombination", text)
        found = {
            instance.id: (reservation, instance)
            for reservation in self.ec2_backend.all_reservations()
            for instance in reservation.instances
            if not lab.is_forgotten(instance.id)
        }
        for unknown in [i for i in ids if i not in found]:
            if not re.fullmatch(r"i-([0-9a-f]{8}|[0-9a-f]{17})", unknown):
                raise Refused("InvalidInstanceID.Malformed", f'Invalid id: "{unknown}"')
        missing = [i for i in ids if i not in found]
        if missing:
            text = f"ID '{missing[0]}' does" if len(missing) == 1 else f"IDs '{', '.join(missing)}' do"
            raise Refused("InvalidInstanceID.NotFound", f"The instance {text} not exist")
        pairs = [found[i] for i in dict.fromkeys(ids)] if ids else list(found.values())
        for name, values in self._filters_from_querystring().items():
            pairs = [pair for pair in pairs if passes(pair[1], name, values)]
        pairs, token = page(pairs, int(self._get_param("MaxResults") or 1000), self)
        reservations = [
            {"ReservationId": reservation.id, "OwnerId": ACCOUNT, "Groups": [], "Instances": [instance]}
            for reservation, instance in pairs
        ]
        return ActionResult({"Reservations": reservations, "NextToken": token})

    def waiting_instance(response: Any) -> Any:
        """The instance that the named hook holds up; without its id, any."""
        name, instance_id = response._get_param("AutoScalingGroupName"), response._get_param("InstanceId")
        group = response.autoscaling_backend.autoscaling_groups.get(name)
        if not group:
            raise Refused("ValidationError", f"AutoScalingGroup name not found - null group {name}")
        hook = response._get_param("LifecycleHookName")
        for state in group.instance_states:
            transition = WAITING.get(state.lifecycle_state)
            held_up = transition and any(known.name == hook for known in lab.hooks(name, transition))
            if held_up and instance_id in (None, state.instance_id):
                return state
        text = f"No active Lifecycle Action found with instance ID {instance_id}"
        raise Refused("ValidationError", text)

    def complete_lifecycle_action(self: Any) -> ActionResult:
        """The instance proceeds, and is at once where it was going."""
        state, result = waiting_instance(self), self._get_param("LifecycleActionResult")
        if result not in ("CONTINUE", "ABANDON"):
            raise Refused("ValidationError", f"Lifecycle action result {result} is invalid")
        node = lab.node(state.instance_id)
        if state.lifecycle_state == "Pending:Wait" and result == "CONTINUE":
            lab.change_node(node, {"lifecycle": "InService"})
        else:
            lab.terminate(node, {})
        return EmptyResult()

    def record_lifecycle_action_heartbeat(self: Any) -> ActionResult:
        group, hook = self._get_param("AutoScalingGroupName"), self._get_param("LifecycleHookName")
        instance = waiting_instance(self).instance_id
        lab.heartbeats.append({"time": now(), "group": group, "hook": hook, "instance": instance})
        return EmptyResult()

    def put_lifecycle_hook(self: Any) -> ActionResult:
        """moto answers for every hook with a role and a queue of its own; here they are what was given."""
        answer = moto_put_hook(self)
        name, group = self._get_param("LifecycleHookName"), self._get_param("AutoScalingGroupName")
        hook = self.autoscaling_backend.lifecycle_hooks[f"{group}_{name}"]
        hook.role_arn = self._get_param("RoleARN")
        hook.notification_target_arn = self._get_param("NotificationTargetARN")
        return answer

    InstanceResponse.describe_instances = describe_instances
    for function in (
        describe_auto_scaling_groups,
        describe_auto_scaling_instances,
        complete_lifecycle_action,
        record_lifecycle_action_heartbeat,
        put_lifecycle_hook,
    ):
        setattr(AutoScalingResponse, function.__name__, function)


def addresses(instance: Any) -> list[str | None]:
    return [address["PrivateIpAddress"] for nic in instance.nics.values() for address in nic.private_ip_addresses]


def ipv6_addresses(instance: Any) -> list[str]:
    return [address for nic in instance.nics.values() for address in nic.ipv6_addresses]


# The filters of DescribeInstances: what an instance has for each. EC2 has more; an unknown one is refused, loudly.
INSTANCE_FILTERS: dict[str, Callable[[Any], list[Any]]] = {
    "availability-zone": lambda i: [i._placement.zone],
    "image-id": lambda i: [i.image_id],
    "instance-id": lambda i: [i.id],
    "instance-state-code": lambda i: [str(i.state_code)],
    "instance-state-name": lambda i: [i.state],
    "instance-type": lambda i: [i.instance_type],
    "ipv6-address": ipv6_addresses,
    "network-interface.addresses.private-ip-address": addresses,
    "network-interface.ipv6-addresses.ipv6-address": ipv6_addresses,
    "network-interface.network-interface-id": lambda i: [nic.id for nic in i.nics.values()],
    "network-interface.private-ip-address": lambda i: [nic.private_ip_address for nic in i.nics.values()],
    "owner-id": lambda i: [ACCOUNT],
    "private-dns-name": lambda i: [i.private_dns_name],
    "private-ip-address": lambda i: [i.private_ip],
    "subnet-id": lambda i: [i.subnet_id],
    "tag-key": lambda i: [tag["key"] for tag in i.get_tags()],
    "tag-value": lambda i: [tag["value"] for tag in i.get_tags()],
    "vpc-id": lambda i: [i.vpc_id],
}


def passes(instance: Any, name: str, values: list[str]) -> bool:
    """Whether one of the values, with * and ? as wildcards, fits the instance, case and all."""
    if name.startswith("tag:"):
        having = [tag["value"] for tag in instance.get_tags() if tag["key"] == name[4:]]
    elif name in INSTANCE_FILTERS:
        having = [value for value in INSTANCE_FILTERS[name](instance) if value]
    else:
        raise Refused("InvalidParameterValue", f"The filter '{name}' is invalid")
    patterns = [re.escape(value).replace(r"\*", ".*").replace(r"\?", ".") for value in values]
    return any(re.fullmatch(pattern, value) for pattern in patterns for value in having)


# --- HTTP --------------------------------------------------------------------------------------------------------


class Listener:
    """A threaded HTTP server on one address. Closing it also ends its connections, which a gone host would not keep."""

    def __init__(
        self,
        lab: Lab,
        address: str,
        port: int,
        handler: Callable[..., Any],
        tls: ssl.SSLContext | None = None,
    ):
        self.lab, self.handler, self.tls = lab, handler, tls
        self.socket = socket.create_server((address, port))
        self.port: int = self.socket.getsockname()[1]
        self.connections: set[socket.socket] = set()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        while True:
            try:
                connection, peer = self.socket.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self.serve, args=(connection, peer), daemon=True).start()

    def serve(self, connection: socket.socket, peer: Any) -> None:
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            self.connections.add(connection)
            self.handler(connection, peer, self)
        except OSError:
            pass  # the client went away, or does not trust the certificate
        finally:
            self.connections.discard(connection)
            connection.close()

    def close(self) -> None:
        for open_socket in (self.socket, *self.connections.copy()):
            try:
                open_socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it is closed already
        self.socket.close()


class Handler(BaseHTTPRequestHandler):
    """What AWS's endpoint and the metadata service have in common."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer leaves in one piece
    disable_nagle_algorithm = True
    server: Listener  # type: ignore[assignment]

    @property
    def lab(self) -> Lab:
        return self.server.lab

    def log_message(self, *_: Any) -> None:
        """Says nothing: what was called is in the record."""

    def version_string(self) -> str:
        return "lab"

    def do_GET(self) -> None:
        self.serve(self.read_body())

    do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = do_GET

    def serve(self, body: bytes) -> None:
        raise NotImplementedError

    def read_body(self) -> bytes:
        self.wfile.flush()  # "100 Continue", if that was asked for
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while True:
            size = int(self.rfile.readline().split(b";")[0], 16)
            body += self.rfile.read(size)
            self.rfile.readline()
            if not size:
                return body

    def reply(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "connection", "server", "date"):
                self.send_header(name, value)
        length = headers.get("Content-Length", "0") if self.command == "HEAD" else str(len(body))
        if status not in (204, 304):
            self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def reset(self) -> None:
        """Ends the connection with a TCP reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def hang(self, over: Callable[[], bool]) -> None:
        """Answers nothing for as long as the client waits, or until it is over."""
        while not over() and not select.select([self.connection], [], [], 0.1)[0]:
            pass
        self.reset()


class AwsHandler(Handler):
    """AWS's endpoint for all services, and the control API."""

    ERROR_STATUS: ClassVar = {
        "AccessDenied": 403,
        "UnauthorizedOperation": 403,
        "ExpiredToken": 403,
        "InvalidClientTokenId": 403,
        "RequestLimitExceeded": 503,
        "SlowDown": 503,
        "ServiceUnavailable": 503,
        "Unavailable": 503,
        "InternalFailure": 500,
        "InternalError": 500,
    }
    MESSAGES: ClassVar = {
        "Throttling": "Rate exceeded",
        "RequestLimitExceeded": "Request limit exceeded.",
        "ExpiredToken": "The security token included in the request is expired",
        "InvalidClientTokenId": "The security token included in the request is invalid.",
        "InternalFailure": "The request processing has failed because of an unknown error, exception or failure.",
        "InternalError": "An internal error has occurred",
        "ServiceUnavailable": "Service is unavailable. Please try again shortly.",
    }
    NAMESPACES: ClassVar = {
        "autoscaling": "http://autoscaling.amazonaws.com/doc/2011-01-01/",
        "ec2": "http://ec2.amazonaws.com/doc/2016-11-15/",
        "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
        "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
    }

    def serve(self, body: bytes) -> None:
        path = urlsplit(self.path).path
        if path.startswith("/lab/"):
            self.reply(*self.control(path, body))
        elif path.startswith("/moto-api/"):
            self.reply(*self.ask_moto(body))
        else:
            self.aws(body)

    def control(self, path: str, body: bytes) -> Answer:
        status: int
        try:
            with self.lab.lock:
                question = dict(parse_qsl(urlsplit(self.path).query))
                result = self.lab.control(self.command, path, {**json.loads(body or b"{}"), **question})
                self.lab.settle()
            status, answer = 200, {} if result is None else result
        except LabError as error:
            status, answer = error.status, {"error": str(error)}
        except (ValueError, TypeError, AttributeError) as error:
            status, answer = 400, {"error": f"{type(error).__name__}: {error}"}
        except Exception as error:  # noqa: BLE001 - moto's, or a port that is taken: whatever it is, the test must see it
            traceback.print_exc()
            status, answer = 500, {"error": f"{type(error).__name__}: {error}"}
        return status, {"Content-Type": "application/json"}, json.dumps(answer).encode()

    def aws(self, body: bytes) -> None:
        call = Call.of(self.command, self.path, self.headers, body)
        with self.lab.lock:
            fault = self.lab.take_fault(call)
            entry = {
                "time": now(),
                "service": call.service,
                "action": call.action,
                "params": call.params,
                "status": 0,
                "userAgent": self.headers.get("User-Agent", ""),
                "caller": self.lab.caller(call),
            }
            self.lab.calls.append(entry)
        time.sleep(fault.get("delayMillis", 0) / 1000)
        if fault.get("hang"):
            self.hang(lambda: not any(known is fault for known in self.lab.faults))
        elif fault.get("reset"):
            self.reset()
        else:
            status, headers, answer = self.answer(call, fault, body)
            entry["status"] = status
            self.reply(status, headers, answer)

    def answer(self, call: Call, fault: dict[str, Any], body: bytes) -> Answer:
        with self.lab.lock:
            refusal = self.lab.refusal(call)
        if "code" in fault:
            code = fault["code"]
            denied = code in ("AccessDenied", "UnauthorizedOperation")
            message = self.lab.denial(call) if denied else self.MESSAGES.get(code, code)
            return self.error(call, code, fault.get("message", message), fault.get("status"))
        if refusal:
            return self.error(call, self.denial_code(call), refusal)
        if fault.get("garbage"):
            return 200, {"Content-Type": "text/xml"}, f"<{call.action}Response><{call.action}Res".encode()
        if fault.get("empty"):
            return self.empty(call)
        try:
            status, headers, answer = self.ask_moto(body)
        except Refused as error:
            return self.error(call, error.code, str(error))
        except Exception:  # noqa: BLE001 - a bug in moto or here: an SDK shall see what it would see of a bug in AWS
            traceback.print_exc()
            return self.error(call, "InternalError" if call.style in ("ec2", "s3") else "InternalFailure", "", 500)
        if status == 403 and b"<Code>AccessDenied<" in answer:  # moto enforces IAM, in words of its own
            return self.error(call, self.denial_code(call), self.lab.denial(call))
        return status, headers, answer

    @staticmethod
    def denial_code(call: Call) -> str:
        return "UnauthorizedOperation" if call.style == "ec2" else "AccessDenied"

    def ask_moto(self, body: bytes) -> Answer:
        url = urlsplit(self.path)
        host, port = self.connection.getsockname()[:2]
        environ = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(url.path, "latin-1"),
            "QUERY_STRING": url.query,
            "RAW_URI": self.path,
            "REQUEST_URI": self.path,
            "SERVER_NAME": host,
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "https" if self.server.tls else "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            if name.lower() not in ("content-length", "content-type", "transfer-encoding"):
                environ["HTTP_" + name.upper().replace("-", "_")] = value
        started: list[Any] = []
        with self.lab.lock:
            chunks = self.lab.moto(environ, lambda status, headers, *_: started.extend((status, headers)))
            answer = b"".join(chunks)
            self.lab.settle()
        return int(started[0].split()[0]), dict(started[1]), answer

    def error(self, call: Call, code: str, message: str, status: int | None = None) -> Answer:
        status = status or self.ERROR_STATUS.get(code, 400)
        request, text = str(uuid.uuid4()), escape(message or self.MESSAGES.get(code, code))
        fields = f"<Code>{escape(code)}</Code><Message>{text}</Message>"
        if call.style == "json":
            answer = json.dumps({"__type": code, "message": message})
        elif call.style == "s3":
            answer = f"<Error>{fields}<RequestId>{request}</RequestId></Error>"
        elif call.style == "ec2":
            answer = f"<Response><Errors><Error>{fields}</Error></Errors><RequestID>{request}</RequestID></Response>"
        else:
            fault = f"<Type>{'Sender' if status < 500 else 'Receiver'}</Type>{fields}"
            namespace = self.NAMESPACES.get(call.service, "")
            answer = f"<Error>{fault}</Error><RequestId>{request}</RequestId>"
            answer = f'<ErrorResponse xmlns="{namespace}">{answer}</ErrorResponse>'
        kind = "application/x-amz-json-1.1" if call.style == "json" else "text/xml"
        return status, {"Content-Type": kind, "x-amzn-RequestId": request}, answer.encode()

    def empty(self, call: Call) -> Answer:
        """Success, and nothing found. A reader takes lists that are not there for empty ones."""
        request, namespace = str(uuid.uuid4()), self.NAMESPACES.get(call.service, "")
        if call.style == "json":
            return 200, {"Content-Type": "application/x-amz-json-1.1"}, b"{}"
        if call.style == "ec2":
            content = f"<requestId>{request}</requestId>"
            content += "<reservationSet/>" if call.action == "DescribeInstances" else ""
        else:
            lists = {
                "DescribeAutoScalingGroups": "<AutoScalingGroups/>",
                "DescribeAutoScalingInstances": "<AutoScalingInstances/>",
                "DescribeLifecycleHooks": "<LifecycleHooks/>",
                "DescribeTags": "<Tags/>",
            }
            content = f"<{call.action}Result>{lists.get(call.action, '')}</{call.action}Result>"
            content += f"<ResponseMetadata><RequestId>{request}</RequestId></ResponseMetadata>"
        answer = f'<{call.action}Response xmlns="{namespace}">{content}</{call.action}Response>'
        return 200, {"Content-Type": "text/xml", "x-amzn-RequestId": request}, answer.encode()


class MetadataHandler(Handler):
    """The instance metadata service of the instance that has the address of this end of the connection."""

    MODES = ("ok", "v2-only", "optional", "v1-only", "down", "hang", "forbidden", "garbage", "empty")
    TTL_HEADER = "X-aws-ec2-metadata-token-ttl-seconds"

    def version_string(self) -> str:
        return "EC2ws"

    def serve(self, body: bytes) -> None:
        address, path = self.connection.getsockname()[0], urlsplit(self.path).path
        with self.lab.lock:
            entry = {"time": now(), "address": address, "method": self.command, "path": path, "status": 0}
            self.lab.metadata_calls.append(entry)
            mode = self.lab.metadata_mode(address, path)
        if mode["mode"] == "down":
            return self.reset()
        if mode["mode"] == "hang":
            return self.hang(lambda: self.lab.metadata_mode(address, path)["mode"] != "hang")
        with self.lab.lock:
            status, headers, answer = self.answer(address, path, mode)
        entry["status"] = status
        self.reply(status, {"Content-Type": "text/plain", **headers}, answer.encode())

    def answer(self, address: str, path: str, spec: dict[str, str]) -> tuple[int, dict[str, str], str]:
        mode = spec["mode"]
        nodes = [node for node in self.lab.nodes.values() if node.address == address and node.has_metadata()]
        if not nodes:
            return 404, {}, f"no instance has the address {address}"
        node = nodes[-1]  # a dead one may keep its metadata, but the living comes later
        if mode == "forbidden":
            return 403, {}, "403 - Forbidden"
        if path == "/latest/api/token":
            return self.token(address, mode)
        if self.command != "GET":
            return 405, {}, "405 - Method Not Allowed"
        token = self.headers.get("X-aws-ec2-metadata-token")
        if token is not None or mode not in ("optional", "v1-only"):
            owner, expiry = self.lab.tokens.get(token or "", ("", 0.0))
            if owner != address or expiry < time.monotonic():
                return 401, {}, "401 - Unauthorized"
        if mode == "garbage":
            return 200, {}, spec.get("body", "<html><body>\x00\ufffd not what you asked for")
        if mode == "empty":
            return 200, {}, ""
        found: Any = {"latest": self.tree(node)}
        version, _, rest = path.strip("/").partition("/")
        if re.fullmatch(r"\d{4}-\d\d-\d\d", version):
            version = "latest"
        for part in f"{version}/{rest}".strip("/").split("/"):
            found = found.get(part) if isinstance(found, dict) else None
        if found is None:
            return 404, {}, "404 - Not Found"
        if isinstance(found, dict):
            found = "\n".join(f"{key}/" if isinstance(value, dict) else key for key, value in found.items())
        return 200, {}, found

    def token(self, address: str, mode: str) -> tuple[int, dict[str, str], str]:
        if mode == "v1-only":
            return 404, {}, "404 - Not Found"
        if self.command != "PUT":
            return 405, {}, "405 - Method Not Allowed"
        ttl = self.headers.get(self.TTL_HEADER, "")
        if not ttl.isdigit() or not 1 <= int(ttl) <= 21600:
            return 400, {}, "400 - Bad Request"
        token = secrets.token_urlsafe(40)
        self.lab.tokens[token] = address, time.monotonic() + int(ttl)
        return 200, {self.TTL_HEADER: ttl}, token

    def tree(self, node: Node) -> dict[str, Any]:
        """All that there is to read: texts, and folders of them."""
        instance, launched = node.instance, node.instance.launch_time.strftime("%Y-%m-%dT%H:%M:%SZ")
        macs = {
            interface.mac_address: {
                "device-number": str(index),
                "interface-id": interface.id,
                "local-ipv4s": node.address if index == 0 else interface.private_ip_address,
                "mac": interface.mac_address,
                "owner-id": ACCOUNT,
                "subnet-id": interface.subnet.id,
                "vpc-id": interface.subnet.vpc_id,
                "vpc-ipv4-cidr-block": self.lab.ec2.get_vpc(interface.subnet.vpc_id).cidr_block,
                **({"ipv6s": "\n".join(interface.ipv6_addresses)} if interface.ipv6_addresses else {}),
            }
            for index, interface in node.interfaces.items()
        }
        name = f"ip-{node.address.replace('.', '-')}.ec2.internal"
        profile = ROLE_ARN.replace(":role/", ":instance-profile/")
        credentials = {ROLE: self.credentials(node, launched)}
        meta = {
            "ami-id": instance.image_id,
            "autoscaling": {"target-lifecycle-state": node.target},
            "events": {"maintenance": {"history": "[]", "scheduled": "[]"}},
            "hostname": name,
            "iam": {
                "info": json.dumps({"Code": "Success", "LastUpdated": launched, "InstanceProfileArn": profile}),
                "security-credentials": credentials,
            },
            "instance-id": node.id,
            "instance-type": instance.instance_type,
            "local-hostname": name,
            "local-ipv4": node.address,
            "mac": node.interfaces[0].mac_address,
            "network": {"interfaces": {"macs": macs}},
            "placement": {"availability-zone": node.zone, "region": REGION},
            "services": {"domain": "amazonaws.com", "partition": "aws"},
        }
        if node.interfaces[0].ipv6_addresses:
            meta["ipv6"] = node.interfaces[0].ipv6_addresses[0]
        if node.spot:
            meta["spot"] = {"instance-action": json.dumps(node.spot)}
            if "time" in node.spot:
                meta["spot"]["termination-time"] = node.spot["time"]
        if node.rebalance:
            meta["events"]["recommendations"] = {"rebalance": json.dumps(node.rebalance)}
        return {
            "dynamic": {"instance-identity": {"document": self.identity(node, launched)}},
            "iam": {"security-credentials": credentials},
            "meta-data": meta,
        }

    def identity(self, node: Node, launched: str) -> str:
        document = {
            "accountId": ACCOUNT,
            "architecture": "x86_64",
            "availabilityZone": node.zone,
            "billingProducts": None,
            "devpayProductCodes": None,
            "marketplaceProductCodes": None,
            "imageId": node.instance.image_id,
            "instanceId": node.id,
            "instanceType": node.instance.instance_type,
            "kernelId": None,
            "pendingTime": launched,
            "privateIp": node.address,
            "ramdiskId": None,
            "region": REGION,
            "version": "2017-09-30",
        }
        return json.dumps(document, indent=2)

    def credentials(self, node: Node, launched: str) -> str:
        held = self.lab.credentials(node)
        document = {
            "Code": "Success",
            "LastUpdated": launched,
            "Type": "AWS-HMAC",
            "AccessKeyId": held.access_key_id,
            "SecretAccessKey": held.secret_access_key,
            "Token": held.session_token,
            "Expiration": held.expiration.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        return json.dumps(document, indent=2)


def main() -> None:
    parser = argparse.ArgumentParser(
        description="An AWS on loopback, made for tests. Its control API is described at the top of this file."
    )
    parser.add_argument("--host", default="127.0.0.1", help="loopback address of AWS's endpoint (127.0.0.1)")
    parser.add_argument("--port", type=int, default=0, help="port of AWS's endpoint (any that is free)")
    parser.add_argument("--imds-port", type=int, default=0, help="port of the instances' metadata (any that is free)")
    parser.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"), help="serve AWS's endpoint with HTTPS")
    parser.add_argument("--with-parent", action="store_true", help="stop when standard input is closed")
    parser.add_argument("--group", help="create this auto scaling group at once")
    parser.add_argument("--cidr", default="127.77.0.0/24", help="its network (127.77.0.0/24)")
    parser.add_argument("--desired", type=int, default=3, help="its number of instances (3)")
    options = parser.parse_args()
    if not ipaddress.ip_address(options.host).is_loopback:
        parser.error("--host must be a loopback address")

    stopped = threading.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda *_: stopped.set())
    tls = None
    if options.tls:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*options.tls)
    lab = Lab()
    amend_moto(lab)
    lab.listen_for_metadata(options.imds_port)
    endpoint = Listener(lab, options.host, options.port, AwsHandler, tls)
    scheme = "https" if tls else "http"
    ready = {"aws": f"{scheme}://{options.host}:{endpoint.port}", "imdsPort": lab.imds_port, "pid": os.getpid()}
    if options.group:
        with lab.lock:
            ready["group"] = lab.create_group({"name": options.group, "cidr": options.cidr, "desired": options.desired})
            lab.settle()
    print(json.dumps(ready), flush=True)
    if options.with_parent:

        def wait_for_parent() -> None:
            while sys.stdin.buffer.read(4096):
                pass
            stopped.set()

        threading.Thread(target=wait_for_parent, daemon=True).start()
    stopped.wait()
    os._exit(0)  # at once: nothing is worth saving, and requests may be hanging


if __name__ == "__main__":
    main()
