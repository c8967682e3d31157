#!/usr/bin/env python3
"""Installs etcd-aws with scripts/install on Debian machines with a real systemd, and breaks them.

    LAB_PYTHON scripts/lab/test_nodes.py     wants ETCD_34, _35, _36, DEPLOY_ROOTFS, DEPLOY_BUNDLE, see test-deploy

The tests of a class go on with the same machines, in the order of their numbers. Each leaves a healthy cluster of three.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest
from pathlib import Path
from typing import Any

from nodes import AWS_URL, LAB, Cloud, Machine, run, wait_until
from runbooks import block, passes

sys.path.insert(0, str(LAB.parents[1] / "cloudformation/tests"))
from test_templates import Rendering, Template

GROUP = "etcd"
BUNDLE = Path(os.environ["DEPLOY_BUNDLE"])
MOST_EXPOSURE = 2.0
# What the AWS CLI does on a new node: fetches what is in the bucket, and tells what it was asked for.
AWS_CLI = """#!/bin/bash
echo "aws $*"
if [[ $1 == s3 ]]; then cp "/root/${4##*/}" "$5"; fi
"""


def etcd_release(directory: Path, variable: str = "ETCD_35") -> tuple[Path, str]:
    """An archive like those that etcd is released in, and its SHA-256."""
    archive = directory / f"{variable}.tar.gz"
    binaries = {binary.name: binary for binary in (Path(os.environ[variable]) / "bin").iterdir()}
    if variable == "ETCD_36":
        # The lab's own build has none; the real release has. The format of snapshots is the same.
        binaries.setdefault("etcdutl", Path(os.environ["ETCD_35"]) / "bin/etcdutl")
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        for binary in binaries.values():
            tar.add(binary, f"etcd-linux-amd64/{binary.name}")
    return archive, hashlib.sha256(archive.read_bytes()).hexdigest()


class Nodes(unittest.TestCase):
    """What both kinds of machines have in common."""

    role = ""
    release = "ETCD_35"
    cloud: Cloud
    nodes: list[Machine]

    @classmethod
    def setUpClass(cls) -> None:
        cls.directory = tempfile.TemporaryDirectory()
        cls.etcd, cls.etcd_sum = etcd_release(Path(cls.directory.name), cls.release)
        cls.cloud = Cloud(os.environ["DEPLOY_ROOTFS"], GROUP, 3)
        cls.nodes = []
        cls.use_image()
        for instance in cls.cloud.instances[len(cls.nodes) :]:
            cls.nodes.append(cls.cloud.machine(instance))

    @classmethod
    def use_image(cls) -> None:
        """Of a machine that everything is installed on, made by whichever class comes first: the class archive takes seconds."""
        image = BUNDLE.parent / "image"
        with open(f"{image}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not image.exists():
                machine = cls.cloud.machine(cls.cloud.instances[0])
                cls.nodes.append(machine)
                cls.unpack(machine)
                command = ["/root/etcd-aws/scripts/install", "--no-start", "--etcd", "/root/etcd.tar.gz", "--etcd-sha256", cls.etcd_sum]
                machine.run(*command, timeout=300)
                machine.run("test", "-s", "/var/cache/etcd-aws/classes.jsa")
                machine.take_image(image)
        cls.cloud.disks = f"{image}:{cls.cloud.rootfs}"

    @classmethod
    def tearDownClass(cls) -> None:
        cls.cloud.close()
        cls.directory.cleanup()

    def run(self, result: unittest.TestResult | None = None) -> unittest.TestResult | None:
        started = time.monotonic()
        before = len(result.failures) + len(result.errors) if result else 0
        answer = super().run(result)
        print(f"    {time.monotonic() - started:.0f} s", file=sys.stderr)
        if result and len(result.failures) + len(result.errors) > before:
            for machine in self.cloud.machines.values():
                print(f"--- {machine.instance} {machine.address}", file=sys.stderr)
                told = [line for line in machine.journal().splitlines() if '"level":"info"' not in line]
                print("\n".join(line[:240] for line in told[-40:]), file=sys.stderr)
            result.stop()  # the others would go on with a broken cluster
        return answer

    # --- What is done with machines ---

    @classmethod
    def unpack(cls, machine: Machine) -> None:
        machine.put(BUNDLE, "/root/bundle.tar.gz")
        machine.put(cls.etcd, "/root/etcd.tar.gz")
        machine.run("tar", "-xzf", "/root/bundle.tar.gz", "-C", "/root")

    def install_command(self, **changes: str) -> list[str]:
        options = {"role": self.role, "group": GROUP, "etcd": "/root/etcd.tar.gz", "etcd-sha256": self.etcd_sum} | changes
        command = ["/root/etcd-aws/scripts/install"]
        for name, value in options.items():
            command += [f"--{name}", value]
        return command + ["--cluster-token", "test", "--set", f"AWS_ENDPOINT_URL={AWS_URL}"]

    def install(self, *machines: Machine) -> list[str]:
        """On all of them at the same time; answers what each said."""
        for machine in machines:
            self.unpack(machine)
        started = [machine.start(*self.install_command()) for machine in machines]
        said = [process.communicate(timeout=600)[0] for process in started]
        for process, text in zip(started, said):
            self.assertEqual(0, process.returncode, text)
        return said

    def main_pid(self, node: Machine, unit: str) -> str:
        return node.run("systemctl", "show", "-P", "MainPID", unit).strip()

    def etcdctl(self, machine: Machine, *arguments: str) -> Any:
        return json.loads(machine.run(*self.etcdctl_command("-w", "json", *arguments)).splitlines()[-1])

    def etcdctl_command(self, *arguments: str) -> list[str]:
        return ["env", "ETCDCTL_API=3", "/usr/local/bin/etcdctl", *arguments]

    def run_block(self, machine: Machine, commands: str, **variables: str) -> str:
        """Runs commands of docs/deploy.md on a machine, in the unpacked bundle."""
        # etcdctl's own patience is meant for machines that do nothing else.
        variables |= {"ETCDCTL_COMMAND_TIMEOUT": "30s", "ETCDCTL_DIAL_TIMEOUT": "10s"}
        exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())
        return machine.run("bash", "-ec", f"cd /root/etcd-aws\n{exports}{commands}")

    def members(self, machine: Machine) -> dict[str, str]:
        """The ids of the members by their names, as one of them tells."""
        answer = self.etcdctl(machine, "member", "list")
        return {member.get("name", ""): f"{member['ID']:x}" for member in answer["members"]}

    def is_healthy(self, machine: Machine) -> bool:
        return "is healthy" in machine.try_run(*self.etcdctl_command("--command-timeout=2s", "endpoint", "health"))

    def await_healthy(self, *machines: Machine, seconds: float = 60) -> None:
        for machine in machines:
            wait_until(lambda: self.is_healthy(machine), seconds, f"etcd on {machine.instance} is healthy")
        expected = {machine.instance for machine in machines}
        wait_until(lambda: set(self.members(machines[0])) == expected, seconds, f"the members are {expected}")

    def remove(self, machine: Machine, member: str) -> None:
        # For some seconds after a member has started etcd accepts no changes.
        wait_until(lambda: "removed from cluster" in machine.try_run(*self.etcdctl_command("member", "remove", member)), 30,
                   f"{member} is removed")

    def peers_file(self, machine: Machine) -> str:
        return machine.run("cat", "/etc/sysconfig/etcd-peers")

    def say_when_place_is_wanted(self, machine: Machine, text: str) -> None:
        wait_until(lambda: text in machine.journal("etcd"), 30, f"etcd's unit says: {text}")


class OnceTest(Nodes):
    """Machines with etcd-aws-once.service."""

    role = "once"

    def test_1_threeMachinesFormAClusterByTheInstallScriptAlone(self) -> None:
        self.install(*self.nodes)
        self.await_healthy(*self.nodes)
        for machine in self.nodes:
            self.assertIn("ETCD_INITIAL_CLUSTER_STATE=new", self.peers_file(machine))
            self.assertIn("active", machine.run("systemctl", "is-active", "etcd-aws-once"))
        self.etcdctl(self.nodes[0], "put", "greeting", "hello")

    def test_2_aSecondInstallationChangesNothing(self) -> None:
        node = self.nodes[0]
        before = self.main_pid(node, "etcd")
        self.assertIn("nothing to change", node.run(*self.install_command()))
        self.assertEqual(before, self.main_pid(node, "etcd"))

    def test_2_aDamagedArchiveIsNotInstalled(self) -> None:
        node = self.nodes[0]
        wrong = self.install_command(**{"etcd-sha256": "0" * 64})
        said = node.try_run(*wrong)
        self.assertIn("nothing of it was installed", said)
        self.assertTrue(self.is_healthy(node))

    def test_3_aRebootedMachineComesBackAsTheSameMember(self) -> None:
        node = self.nodes[1]
        before = self.members(self.nodes[0])
        node.reboot()
        self.await_healthy(*self.nodes)
        self.assertEqual(before, self.members(self.nodes[0]))

    def test_4_aCrashedMachineIsReplacedByANewOne(self) -> None:
        lost = self.nodes.pop()
        lost.destroy()
        answer = self.cloud.control("POST", f"instances/{lost.instance}/terminate", {"replace": True, "address": "10.77.0.9"})
        fresh = next(i for i in find_instances(answer) if i["id"] != lost.instance)
        self.nodes.append(self.cloud.machine(fresh))
        self.install(self.nodes[-1])
        self.await_healthy(*self.nodes, seconds=90)
        self.assertIn("ETCD_INITIAL_CLUSTER_STATE=existing", self.peers_file(self.nodes[-1]))
        self.assertIn("hello", self.nodes[-1].run(*self.etcdctl_command("get", "greeting")))

    def test_5_etcdWithAWipedDiskWaitsForAPlaceAndThenStartsByItself(self) -> None:
        node = self.nodes[1]
        before = self.members(self.nodes[0])
        node.run("systemctl", "stop", "etcd")
        node.run("rm", "-rf", "/var/lib/etcd/member")
        node.run("systemctl", "--no-block", "start", "etcd")
        self.say_when_place_is_wanted(node, "that has started; etcd-aws has to replace it")
        self.assertEqual("", node.run("find", "/var/lib/etcd", "-mindepth", "1"))  # etcd did not start
        self.run_block(node, block("A node lost its data", "systemctl restart etcd-aws-once"))
        self.await_healthy(*self.nodes)
        self.assertNotEqual(before[node.instance], self.members(self.nodes[0])[node.instance])

    def test_6_aRemovedMembersDataAreSetAsideAndKeptAndItJoinsAnew(self) -> None:
        node = self.nodes[1]
        id_before = self.members(self.nodes[0])[node.instance]
        self.remove(self.nodes[0], id_before)
        self.say_when_place_is_wanted(node, f"member {id_before} was removed from the cluster; its data are kept in")
        self.say_when_place_is_wanted(node, "does not list this node; etcd-aws has to add it")
        kept = node.run("find", "/var/lib/etcd", "-mindepth", "1", "-maxdepth", "1").split()
        self.assertEqual(1, len(kept), kept)
        self.assertRegex(kept[0], r"^/var/lib/etcd/member\.removed-\d{8}T\d{6}Z$")
        self.assertIn("/var/lib/etcd", node.run("find", kept[0], "-name", "*.wal"))
        node.run("systemctl", "restart", "etcd-aws-once")
        self.await_healthy(*self.nodes)
        self.assertNotEqual(id_before, self.members(self.nodes[0])[node.instance])
        self.assertEqual(kept[0], node.run("find", "/var/lib/etcd", "-mindepth", "1", "-name", "*removed*", "-maxdepth", "1").strip())

    def test_7_aMachineThatWasDownWhileItWasRemovedJoinsAnew(self) -> None:
        node = self.nodes[0]
        id_before = self.members(self.nodes[1])[node.instance]
        node.run("systemctl", "stop", "etcd")
        self.remove(self.nodes[1], id_before)
        node.reboot()
        self.say_when_place_is_wanted(node, f"member {id_before} was removed from the cluster; its data are kept in")
        self.await_healthy(*self.nodes, seconds=90)
        self.assertNotEqual(id_before, self.members(self.nodes[1])[node.instance])

    def test_8_aNodeWithDataRestartsWhileAwsDoesNotAnswer(self) -> None:
        node = self.nodes[0]
        self.cloud.control("POST", "faults", {"action": "*", "code": "ServiceUnavailable", "status": 503})
        try:
            node.reboot()
            self.await_healthy(*self.nodes, seconds=120)
        finally:
            self.cloud.control("DELETE", "faults")


class RunbookTest(Nodes):
    """The runbooks of docs/deploy.md, on a cluster with TLS. The other classes and test_scripts.py run what is not here."""

    role = "once"
    release = "ETCD_34"

    @classmethod
    def setUpClass(cls) -> None:
        keys = tempfile.TemporaryDirectory()
        cls.addClassCleanup(keys.cleanup)
        cls.keys = Path(keys.name)
        cls.authority = cls.keys / "authority.pem"
        run("bash", "-ec", f"cd {cls.keys}\n" + block("TLS", "openssl ecparam"))
        super().setUpClass()

    @classmethod
    def unpack(cls, machine: Machine) -> None:
        super().unpack(machine)
        machine.put(cls.authority, "/root/authority.pem")

    def install_command(self, **changes: str) -> list[str]:
        return super().install_command(**({"tls-authority": "/root/authority.pem"} | changes))

    def etcdctl_command(self, *arguments: str) -> list[str]:
        return ["bash", "-ec", block("Runbooks", "ETCDCTL_CACERT") + 'exec etcdctl "$@"', "bash", *arguments]

    def run_block(self, machine: Machine, commands: str, **variables: str) -> str:
        return super().run_block(machine, block("Runbooks", "ETCDCTL_CACERT") + commands, **variables)

    def versions(self) -> set[str]:
        """The versions of all members, as etcd tells them: 3.4."""
        return {".".join(self.etcdctl(node, "endpoint", "status")[0]["Status"]["version"].split(".")[:2]) for node in self.nodes}

    def test_1_aClusterOf34WithTlsForms(self) -> None:
        self.install(*self.nodes)
        self.await_healthy(*self.nodes)
        self.assertIn("=https://", self.peers_file(self.nodes[0]))
        self.etcdctl(self.nodes[0], "put", "greeting", "hello")
        plain = self.nodes[0].try_run("curl", "-sS", "-k", f"https://{self.nodes[1].address}:2379/version")
        self.assertNotIn("etcdserver", plain)  # nothing without a certificate

    def test_2_etcdIsUpgradedOneMinorVersionAtATimeOneNodeAtATime(self) -> None:
        befores = {"ETCD_35": block("Upgrade etcd", "SNAPSHOT_COUNT=10"), "ETCD_36": block("Upgrade etcd", "SNAPSHOT_COUNT=\n")}
        for variable, before in befores.items():
            archive, checksum = etcd_release(Path(self.directory.name), variable)
            for node in self.nodes:
                node.put(archive, "/root/etcd.tar.gz")
                self.run_block(node, before)
                upgrade = block("Upgrade etcd", "snapshot save before.db")
                said = self.run_block(node, upgrade, ETCD_ARCHIVE="/root/etcd.tar.gz", ETCD_SHA256=checksum)
                self.assertIn("still runs as before", said)
            self.await_healthy(*self.nodes)
            type(self).etcd, type(self).etcd_sum = archive, checksum
            self.assertEqual({variable[-2] + "." + variable[-1]}, self.versions())
            if variable == "ETCD_35":
                self.run_block(self.nodes[0], "for number in {1..30}; do etcdctl put snapshots $number; done")

    def shown_certificate(self, node: Machine, *what: str) -> str:
        """What etcd shows to clients."""
        return node.try_run("sh", "-c", f"openssl s_client -connect {node.address}:2379 </dev/null 2>/dev/null | openssl x509 -noout {' '.join(what)}")

    def test_3_aCertificateIsRenewedWithoutARestart(self) -> None:
        node = self.nodes[0]
        serial = ["openssl", "x509", "-in", "/etc/etcd-aws/pki/node.pem", "-noout", "-serial"]
        before, process = node.run(*serial), self.main_pid(node, "etcd")
        self.run_block(node, block("Rotate certificates", "rm /etc/etcd-aws/pki/node.pem"))
        self.assertNotEqual(before, node.run(*serial))
        self.await_healthy(*self.nodes)
        self.assertEqual(process, self.main_pid(node, "etcd"))
        self.assertEqual(node.run(*serial), self.shown_certificate(node, "-serial"))

    def test_3_theAuthorityIsReplacedInThreePasses(self) -> None:
        self.cloud.aws_cli(f"cd {self.keys}\n" + block("TLS", "create-secret"))
        as_new = re.sub(r"\bca(-key)?\.pem", r"new-ca\1.pem", block("TLS", "openssl ecparam"))
        run("bash", "-ec", f"cd {self.keys}\n{as_new}")
        for files in passes():
            self.cloud.aws_cli(f"cd {self.keys}\nPASS={shlex.quote(files)}\n" + block("Rotate certificates", "cat $PASS"))
            # As install fetches it.
            fetch = "aws secretsmanager get-secret-value --secret-id etcd/authority --query SecretString --output text"
            self.authority.write_text(self.cloud.aws_cli(fetch))
            for node in self.nodes:
                node.put(self.authority, "/root/authority.pem")
                self.run_block(node, block("Rotate certificates", "systemctl restart etcd"))
            self.await_healthy(*self.nodes)
        for node in self.nodes:
            node.put(self.keys / "new-ca.pem", "/root/new-ca.pem")
            self.assertEqual(node.run("cat", "/root/new-ca.pem"), node.run("cat", "/etc/etcd-aws/pki/ca.pem"))
            told = node.run("sh", "-c", f"openssl s_client -CAfile /root/new-ca.pem -connect {node.address}:2379 </dev/null 2>&1 || true")
            self.assertIn("Verify return code: 0 (ok)", told)

    def replace(self, lost: Machine, address: str) -> Machine:
        lost.destroy()
        self.nodes.remove(lost)
        answer = self.cloud.control("POST", f"instances/{lost.instance}/terminate", {"replace": True, "address": address})
        fresh = self.cloud.machine(next(i for i in find_instances(answer) if i["id"] != lost.instance))
        self.nodes.append(fresh)
        return fresh

    def await_restored(self, node: Machine) -> None:
        wait_until(lambda: self.is_healthy(node), 60, "the restored node serves")
        self.assertEqual({node.instance}, set(self.members(node)))
        self.assertIn("hello", node.run(*self.etcdctl_command("get", "greeting")))

    def test_4_quorumThatIsLostForGoodIsRestoredFromTheMemberThatIsLeft(self) -> None:
        survivor, *lost = self.nodes
        for number, node in enumerate(lost):
            self.replace(node, f"10.77.0.{10 + number}")
        wait_until(lambda: not self.is_healthy(survivor), 30, "quorum is lost")
        self.run_block(survivor, block("Quorum lost", "snapshot save"))
        self.await_restored(survivor)
        self.run_block(survivor, block("Quorum lost", "--skip-hash-check"))
        self.await_restored(survivor)
        self.install(*self.nodes[1:])
        self.await_healthy(*self.nodes, seconds=120)
        self.assertIn("hello", self.nodes[-1].run(*self.etcdctl_command("get", "greeting")))

    def mark(self) -> str:
        told = self.cloud.aws_cli("aws autoscaling describe-tags --output json")
        return next((tag["Value"] for tag in json.loads(told)["Tags"] if tag["Key"] == "etcd-aws:cluster-id"), "")

    def await_refusal(self, node: Machine) -> None:
        """No cluster is formed over one that was."""
        wait_until(lambda: "the group had a cluster, and none of its members is seen" in node.journal("etcd-aws-once"), 60, "it refuses")

    def test_5_whenAllNodesAreLostTheClusterComesBackFromASnapshot(self) -> None:
        first = self.nodes[0]
        first.run(*self.etcdctl_command("snapshot", "save", "/root/etcd.db"))
        snapshot = Path(self.directory.name) / "etcd.db"
        snapshot.write_bytes((first.root / "root/etcd.db").read_bytes())
        self.cloud.control("POST", f"groups/{GROUP}", {"tags": {"etcd-aws:cluster-id": "a-cluster-that-was"}})
        for number, node in enumerate(list(self.nodes)):
            self.replace(node, f"10.77.0.{14 + number}")
        first, *others = self.nodes
        self.install(first)
        self.await_refusal(first)
        first.put(snapshot, "/root/etcd.db")
        self.run_block(first, block("Everything lost", "restore /root/etcd.db"))
        self.await_restored(first)
        self.install(*others)
        self.await_healthy(*self.nodes, seconds=120)
        self.assertIn("hello", self.nodes[-1].run(*self.etcdctl_command("get", "greeting")))
        cluster = f"{self.etcdctl(first, 'member', 'list')['header']['cluster_id']:x}"
        self.cloud.aws_cli(f"CLUSTER_ID={cluster}\n" + block("Everything lost", "create-or-update-tags"))
        self.assertEqual(cluster, self.mark())

    def test_6_withoutASnapshotAnEmptyClusterIsFormedOnceTheMarkIsDeleted(self) -> None:
        for node in self.nodes:
            node.run("sh", "-ec", "systemctl stop etcd; rm -r /var/lib/etcd/member; systemctl --no-block start etcd")
        for node in self.nodes:
            node.run("systemctl", "--no-block", "restart", "etcd-aws-once")
        for node in self.nodes:
            self.await_refusal(node)
        self.cloud.aws_cli(block("Everything lost", "delete-tags"))
        self.assertEqual("", self.mark())
        self.await_healthy(*self.nodes, seconds=120)
        self.assertEqual("", self.nodes[0].run(*self.etcdctl_command("get", "greeting")))


class DaemonTest(Nodes):
    """Machines with etcd-aws.service, in a group with lifecycle hooks."""

    role = "member"
    proxy: Machine

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        hooks = {"launch": "etcd-aws-launch", "terminate": "etcd-aws-terminate"}
        cls.cloud.control("POST", f"groups/{GROUP}", {"hooks": hooks})

    def install_command(self, **changes: str) -> list[str]:
        return [*super().install_command(**changes), "--set", "ETCD_AWS_RECONCILE_INTERVAL=2s"]

    def lifecycle(self, machine: Machine) -> str:
        instances = self.cloud.control("GET", f"groups/{GROUP}")["instances"]
        return next((i["lifecycle"] for i in instances if i["id"] == machine.instance), "gone")

    def boot_fresh(self, address: str) -> Machine:
        """A machine that the group launches."""
        answer = self.cloud.control("POST", f"groups/{GROUP}/launch", {"address": address})
        known = {machine.instance for machine in self.nodes}
        fresh = self.cloud.machine(next(i for i in find_instances(answer) if i["id"] not in known))
        self.nodes.append(fresh)
        return fresh

    def test_1_theDaemonIsReadyWhenTheFileIsInPlaceAndEtcdFollows(self) -> None:
        self.install(*self.nodes)
        self.await_healthy(*self.nodes)
        for machine in self.nodes:
            self.assertEqual("active", machine.run("systemctl", "is-active", "etcd-aws").strip())
            owner = machine.run("stat", "-L", "-c", "%U %a", "/etc/sysconfig/etcd-peers").strip()
            self.assertEqual("etcd 644", owner)

    def test_2_aRestartOfTheDaemonLeavesEtcdAlone(self) -> None:
        node = self.nodes[0]
        before = self.main_pid(node, "etcd")
        node.run("systemctl", "restart", "etcd-aws")
        node.run("systemctl", "stop", "etcd-aws")
        self.assertEqual(before, self.main_pid(node, "etcd"))
        node.run("systemctl", "start", "etcd-aws")

    def test_2_aChangedSettingRestartsTheDaemonAndANewEtcdDoesNot(self) -> None:
        node = self.nodes[0]
        again = ["/root/etcd-aws/scripts/install", "--again"]
        before = self.main_pid(node, "etcd-aws")
        node.run("sh", "-c", "echo other >/opt/etcd-aws/etcd.sha256")
        self.assertIn("changed: /opt/etcd-aws/etcd.sha256", node.run(*again))
        self.assertEqual(before, self.main_pid(node, "etcd-aws"))
        etcd = self.main_pid(node, "etcd")
        said = node.run(*again, "--set", "ETCD_AWS_LOG_LEVEL=debug", "--etcd-set", "ETCD_SNAPSHOT_COUNT=1000")
        self.assertIn("etcd runs with the settings of before", said)
        wait_until(lambda: self.main_pid(node, "etcd-aws") not in ("0", before), 30, "the daemon is another one")
        self.assertEqual(etcd, self.main_pid(node, "etcd"))
        self.assertIn("nothing to change", node.run(*again, "--set", "ETCD_AWS_LOG_LEVEL=debug", "--etcd-set", "ETCD_SNAPSHOT_COUNT=1000"))
        node.run(*again, "--etcd-set", "ETCD_SNAPSHOT_COUNT=")
        self.assertNotIn("ETCD_SNAPSHOT_COUNT", node.run("cat", "/etc/etcd-aws/etcd.env", "/etc/etcd-aws/install.options"))

    def test_2_whatTheAlarmsLookAtSaysThatAllIsWell(self) -> None:
        well = "Ready 1\nHasLeader 1\nConverged 1\n"
        for node in self.nodes:
            wait_until(lambda: node.run("/opt/etcd-aws/etcd-aws-metrics", "--print") == well, 30, f"all is well on {node.instance}")

    def test_2_aMachineThatIsNoMemberGetsTheEndpointsAndAGatewayThatFollowTheMembers(self) -> None:
        made = self.cloud.control(
            "POST", "groups", {"name": "proxies", "cidr": "10.77.0.0/24", "desired": 1, "pendingAddresses": ["10.77.0.18"]}
        )
        proxy = self.cloud.machine(made["instances"][0])
        self.unpack(proxy)
        proxy.run(*self.install_command(role="proxy"))
        wait_until(lambda: self.is_healthy(proxy), 60, "the gateway leads to the members")
        endpoints = proxy.run("cat", "/var/lib/etcd-aws/endpoints")
        for node in self.nodes:
            self.assertIn(f"{node.address}:2379", endpoints)
        self.assertNotIn(proxy.address, endpoints)
        type(self).proxy = proxy

    def test_2_whatARunbookBeginsWithAnswersAndAPlanByHandDecidesAsTheServiceDoes(self) -> None:
        told = self.run_block(self.nodes[0], block("Runbooks", "systemctl status etcd-aws etcd"))
        for found in ("Active: active (running)", "2a", "IS LEARNER", "RAFT TERM"):
            self.assertIn(found, told)
        self.assertNotIn("proves nothing", told)  # the plan looks at the data directory that the unit names

    def test_3_aRebootedMachineComesBackAsTheSameMember(self) -> None:
        before = self.members(self.nodes[0])
        self.nodes[1].reboot()
        self.await_healthy(*self.nodes)
        self.assertEqual(before, self.members(self.nodes[0]))

    def test_4_aWipedMachineIsGivenANewPlaceByItself(self) -> None:
        node = self.nodes[1]
        before = self.members(self.nodes[0])
        node.run("systemctl", "stop", "etcd")
        node.run("rm", "-rf", "/var/lib/etcd/member")
        node.run("systemctl", "--no-block", "start", "etcd")
        wait_until(lambda: self.members(self.nodes[0]).get(node.instance, before[node.instance]) != before[node.instance], 60, "it joins anew")
        self.await_healthy(*self.nodes)

    def test_5_aRemovedMachineIsGivenANewPlaceByItself(self) -> None:
        node = self.nodes[1]
        id_before = self.members(self.nodes[0])[node.instance]
        self.remove(self.nodes[0], id_before)
        self.say_when_place_is_wanted(node, f"member {id_before} was removed from the cluster; its data are kept in")
        self.await_healthy(*self.nodes, seconds=90)

    def test_6_aCrashedMachineIsReplacedAndTheLaunchHookCompleted(self) -> None:
        lost = self.nodes.pop()
        lost.destroy()
        terminate = block("Replace a node", "terminate-instance-in-auto-scaling-group")
        self.cloud.aws_cli(f"INSTANCE={lost.instance}\n{terminate}")
        fresh = self.boot_fresh("10.77.0.9")
        self.install(fresh)
        self.await_healthy(*self.nodes, seconds=90)
        wait_until(lambda: self.lifecycle(fresh) == "InService", 30, "the launch hook is completed")
        expected = {f"{node.address}:2379" for node in self.nodes}
        told = ["sed", "-n", "s/^ETCD_GATEWAY_ENDPOINTS=//p", "/var/lib/etcd-aws/endpoints"]
        wait_until(lambda: set(self.proxy.run(*told).strip().split(",")) == expected, 60, "the proxy has the new endpoints")
        wait_until(lambda: self.is_healthy(self.proxy), 30, "the gateway leads to the members")

    def test_7_aMachineThatIsToGoLeavesAndCompletesTheTerminateHook(self) -> None:
        leaving = self.nodes.pop(0)
        self.cloud.control("POST", f"instances/{leaving.instance}/retire", {})
        wait_until(lambda: leaving.instance not in self.members(self.nodes[0]), 60, "it has left")
        wait_until(lambda: self.lifecycle(leaving) == "gone", 60, "the terminate hook is completed")
        leaving.destroy()

    def test_8_theUserDataOfTheTemplateMakeAMachineWithABlankDiskANode(self) -> None:
        fresh = self.boot_fresh("10.77.0.10")
        disk = BlankDisk()
        self.addClassCleanup(disk.remove)
        fresh.run("mknod", disk.path, "b", *disk.numbers)
        fresh.put(self.etcd, "/root/etcd.tar.gz")
        fresh.write(AWS_CLI, "/usr/local/bin/aws", 0o755)
        fresh.write(self.user_data(), "/root/user-data", 0o755)
        fresh.run("systemctl", "set-environment", f"AWS_ENDPOINT_URL={AWS_URL}", "ETCD_AWS_RECONCILE_INTERVAL=2s")
        fresh.write(fresh.instance, "/root/instance-id")
        fresh.run("install", "-D", "/root/instance-id", "/var/lib/cloud/data/instance-id")  # as cloud-init does
        fresh.write("damaged", "/root/bundle.tar.gz")
        told = f"--stack-name etcd --logical-resource-id Group --unique-id {fresh.instance} --status"
        self.assertIn(f"{told} FAILURE", fresh.try_run("/root/user-data"))
        fresh.put(BUNDLE, "/root/bundle.tar.gz")
        said = fresh.run("/root/user-data")
        self.assertNotIn("FAILURE", said)
        self.assertEqual("[Time]\nNTP=169.254.169.123\n", fresh.run("cat", "/etc/systemd/timesyncd.conf.d/ec2.conf"))
        self.assertIn(f"making a file system on {disk.path}", said)
        self.assertEqual(f"{disk.path} ext4", fresh.run("findmnt", "-n", "-o", "SOURCE,FSTYPE", "/var/lib/etcd").strip())
        self.assertIn(f"{told} SUCCESS", said)
        self.await_healthy(*self.nodes, seconds=90)
        wait_until(lambda: self.lifecycle(fresh) == "InService", 30, "the launch hook is completed")
        fresh.run("sh", "-ec", "systemctl stop etcd-aws etcd; umount /var/lib/etcd")
        self.unpack(fresh)
        self.assertNotIn("making a file system", fresh.run("/root/etcd-aws/scripts/install", "--again"))
        self.await_healthy(*self.nodes)  # with the data that it had
        fresh.run("systemctl", "start", "etcd-aws-metrics.service")
        self.assertIn("MetricName=Ready,Value=1,Dimensions=[{Name=Group,Value=etcd}]", fresh.journal("etcd-aws-metrics"))

    def user_data(self) -> str:
        values = {"BundleUrl": "s3://bucket/bundle.tar.gz", "BundleSha256": hashlib.sha256(BUNDLE.read_bytes()).hexdigest()}
        values |= {"EtcdUrl": "s3://bucket/etcd.tar.gz", "EtcdSha256": self.etcd_sum, "ClusterToken": "test"}
        values |= {"OperatingSystem": "debian-12"}
        (template,) = Rendering(Template("etcd-peers"), values).of_type("AWS::EC2::LaunchTemplate").values()
        return str(template["LaunchTemplateData"]["UserData"])

    def test_9_allUnitsAreSound(self) -> None:
        node = self.nodes[-1]
        for name in ("etcd-aws.service", "etcd.service"):
            self.assertEqual("", node.run("systemd-analyze", "verify", f"/etc/systemd/system/{name}"), name)
        for name in ("etcd-aws-once.service", "etcd-gateway.service", "etcd-gateway-restart.path", "etcd-gateway-restart.service",
                     "etcd-aws-metrics.service", "etcd-aws-metrics.timer"):  # fmt: skip
            node.run("cp", f"/root/etcd-aws/scripts/systemd/{name}", f"/run/systemd/system/{name}")
            self.assertEqual("", node.run("systemd-analyze", "verify", f"/run/systemd/system/{name}"), name)
        # etcd 2 itself cannot be had: its unit is a stand-in.
        node.run("mkdir", "-p", "/run/systemd/system/etcd2.service.d")
        node.run("cp", "/root/etcd-aws/scripts/systemd/etcd2.service.d/etcd-aws.conf", "/run/systemd/system/etcd2.service.d")
        node.write("[Service]\nExecStart=/bin/true\n", "/root/etcd2.service")
        node.run("mv", "/root/etcd2.service", "/run/systemd/system/etcd2.service")
        self.assertEqual("", node.run("systemd-analyze", "verify", "/run/systemd/system/etcd2.service"))

    def test_9_theUnitsOfTheProgramAreLittleExposed(self) -> None:
        node = self.nodes[-1]
        for name in ("etcd-aws.service", "etcd-aws-once.service"):
            overall = node.run("systemd-analyze", "security", "--no-pager", name).splitlines()[-1]
            exposure = float(overall.split(":")[1].split()[0])
            print(f"exposure of {name}: {exposure}")
            self.assertLessEqual(exposure, MOST_EXPOSURE, overall)


class BlankDisk:
    """A disk that nobody has written to: memory, which Linux shows as a disk."""

    CONTROL = Path("/sys/class/zram-control")

    def __init__(self) -> None:
        if not self.CONTROL.is_dir():
            run("modprobe", "zram")
        self.number = (self.CONTROL / "hot_add").read_text().strip()
        device = Path(f"/sys/block/zram{self.number}")
        (device / "disksize").write_text("256M")
        self.path = f"/dev/zram{self.number}"
        self.numbers = (device / "dev").read_text().strip().split(":")

    def remove(self) -> None:
        (self.CONTROL / "hot_remove").write_text(self.number)


def find_instances(answer: Any) -> list[dict[str, Any]]:
    """All instances in an answer of the control API, wherever they stand."""
    if isinstance(answer, list):
        return [found for part in answer for found in find_instances(part)]
    if not isinstance(answer, dict):
        return []
    own = [answer] if "id" in answer and answer.get("address") else []
    return own + [found for part in answer.values() for found in find_instances(part)]


if __name__ == "__main__":
    unittest.main(verbosity=2)
