#!/usr/bin/env python3
"""Runs the program with the policy that scripts/iam-policy prints (test_templates.py: the same that the templates hold),
with moto enforcing it, and with each action taken away: LAB_PYTHON scripts/lab/test_permissions.py [-v]

Wants DEPLOY_JAR and ETCD_35 in the environment, see test-deploy.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from test_aws import Server

ROOT = Path(__file__).resolve().parents[2]
ROLE = "etcd-aws-node"  # whose credentials the lab's instance metadata hand out
GROUP = "etcd"
AWS_FAILED = 5
PATIENCE_SECONDS = 180  # other tests may run beside


def policy(what: str) -> dict[str, Any]:
    command = [ROOT / "scripts/iam-policy", what, "--group", GROUP, "--region", "us-east-1"]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def actions_of(document: dict[str, Any]) -> set[str]:
    return {action for statement in document["Statement"] for action in statement["Action"]}


def without(document: dict[str, Any], action: str) -> dict[str, Any]:
    rest = copy.deepcopy(document)
    for statement in rest["Statement"]:
        statement["Action"] = [allowed for allowed in statement["Action"] if allowed != action]
    rest["Statement"] = [statement for statement in rest["Statement"] if statement["Action"]]
    return rest


class PermissionsTest(unittest.TestCase):
    """What the program may do on an instance with the role, and what it says where it may not."""

    @classmethod
    def setUpClass(cls) -> None:
        # All start from one archive of the program's classes.
        shared = tempfile.TemporaryDirectory()
        cls.addClassCleanup(shared.cleanup)
        cls.settings = {
            "JVM_JAR": os.environ["DEPLOY_JAR"], "JVM_ARCHIVE": f"{shared.name}/classes.jsa",
            "ETCD_AWS_BOOTSTRAP_STABLE_MARGIN": "1s",
        }  # fmt: skip
        subprocess.run([ROOT / "scripts/etcd-aws", "--launcher-archive"], env=os.environ | cls.settings, check=True)

    def setUp(self) -> None:
        self.server = Server("--group", GROUP, "--desired", "1", "--cidr", "127.83.0.0/24")
        self.addCleanup(self.server.stop)
        self.address = self.server.ready["group"]["instances"][0]["address"]
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)

    def enforce(self, document: dict[str, Any]) -> None:
        """From now on only this is allowed, to the instance's role alone."""
        document = copy.deepcopy(document)
        for statement in document["Statement"]:
            statement["Resource"] = "*"  # moto knows the resources of calls to S3 alone
        self.server.imds_credentials(self.address)  # the lab makes the role when it first gives out its credentials
        self.enforce_after(1)
        self.server.client("iam").put_role_policy(RoleName=ROLE, PolicyName="etcd-aws", PolicyDocument=json.dumps(document))
        self.enforce_after(0)

    def enforce_after(self, calls: int) -> None:
        headers = {"Content-Type": "application/octet-stream"}
        request = urllib.request.Request(f"{self.server.url}/moto-api/reset-auth", str(calls).encode(), headers, method="POST")
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10):
            pass

    def run_program(self, *arguments: str, **environment: str) -> tuple[int, str]:
        command = [str(ROOT / "scripts/etcd-aws"), *arguments]
        result = subprocess.run(command, env=self.environment(**environment), capture_output=True, text=True, timeout=300)
        return result.returncode, result.stderr + result.stdout

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ETCD_AWS", "PROXY"))}
        told = {
            "AWS_ENDPOINT_URL": self.server.url,
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://{self.address}:{self.server.imds_port}",
            "ETCD_AWS_PEERS_FILE_PATH": f"{self.directory.name}/etcd-peers",
        }
        return kept | self.settings | told | more

    @contextlib.contextmanager
    def daemon(self) -> Iterator[Path]:
        """The daemon and its etcd, and the daemon's log."""
        log = Path(self.directory.name) / "log"
        settings = {
            "ETCD_AWS_RECONCILE_INTERVAL": "1s", "ETCD_AWS_MANAGEMENT_ADDRESS": "off", "ETCD_AWS_PEERS_FILE_EXTENDED": "true",
            "ETCD_AWS_ETCD_DATA_DIR": f"{self.directory.name}/data",
        }  # fmt: skip
        with log.open("w") as output, contextlib.ExitStack() as started:
            program = subprocess.Popen([str(ROOT / "scripts/etcd-aws")], env=self.environment(**settings), stdout=output, stderr=output)
            started.callback(end, program)
            file = Path(self.directory.name) / "etcd-peers"
            wait_until(file.is_file, log)
            command = f'set -a; . {file}; exec {os.environ["ETCD_35"]}/bin/etcd'
            started.callback(end, subprocess.Popen(["bash", "-c", command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            yield log

    def called(self) -> set[str]:
        calls = self.server.control("GET", "calls")
        return {f"{call['service']}:{call['action']}" for call in calls if call["caller"]}

    def test_theOneShotDoesAllItDoesWithItsPolicyAndCallsAllOfIt(self) -> None:
        self.enforce(policy("once"))
        code, log = self.run_program("--once", "--timeout", "180s")
        self.assertEqual(0, code, log)
        self.assertEqual(actions_of(policy("once")), self.called())

    def name_what_is_taken_away(self, what: str, *command: str, **environment: str) -> None:
        for action in sorted(actions_of(policy(what))):
            with self.subTest(action):
                self.enforce(without(policy(what), action))
                code, log = self.run_program(*command, "--timeout", "30s", ETCD_AWS_AWS_MAX_ATTEMPTS="2", **environment)
                self.assertEqual(AWS_FAILED, code, log)
                self.assertIn(action, log)

    def test_eachActionThatIsTakenAwayIsNamedByTheError(self) -> None:
        self.name_what_is_taken_away("once", "--once")

    def test_eachActionThatIsTakenAwayFromAProxyIsNamedByTheError(self) -> None:
        self.name_what_is_taken_away("proxy", "--once", PROXY_ASG=GROUP)

    def test_aProxyWaitsForTheClusterWithItsPolicyAndCallsAllOfIt(self) -> None:
        self.enforce(policy("proxy"))
        code, log = self.run_program("plan", "--timeout", "20s", PROXY_ASG=GROUP)
        self.assertEqual(0, code, log)
        self.assertEqual(actions_of(policy("proxy")), self.called())

    def launch(self) -> None:
        """The group's only instance waits in its launch hook, and a terminate hook is there."""
        hooks = {"launch": "etcd-aws-launch", "terminate": "etcd-aws-terminate"}
        self.server.control("POST", f"groups/{GROUP}", {"hooks": hooks})
        self.instance = self.server.ready["group"]["instances"][0]["id"]
        self.server.control("POST", f"instances/{self.instance}", {"lifecycle": "Pending:Wait"})

    def test_theDaemonDoesAllItDoesWithItsPolicyAndCallsAllOfIt(self) -> None:
        self.launch()
        self.enforce(policy("member"))
        with self.daemon() as log:
            wait_until(lambda: {"autoscaling:CreateOrUpdateTags", "autoscaling:CompleteLifecycleAction"} <= self.called(), log)
            # The last member cannot leave: the hook is held.
            self.server.control("POST", f"instances/{self.instance}/retire", {})
            wait_until(lambda: "autoscaling:RecordLifecycleActionHeartbeat" in self.called(), log)
            self.assertEqual(actions_of(policy("member")), self.called())
            self.assertNotIn("not authorized", log.read_text())

    def test_eachActionOfTheDaemonThatIsTakenAwayIsNamedInItsLog(self) -> None:
        for action in sorted(actions_of(policy("member")) - actions_of(policy("once"))):
            with self.subTest(action):
                self.doCleanups()
                self.setUp()
                self.launch()
                self.enforce(without(policy("member"), action))
                with self.daemon() as log:
                    if action.endswith("Heartbeat"):
                        wait_until(lambda: "autoscaling:CompleteLifecycleAction" in self.called(), log)
                        self.server.control("POST", f"instances/{self.instance}/retire", {})
                    wait_until(lambda: action in log.read_text(), log)


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(20)


def wait_until(condition: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {PATIENCE_SECONDS} s; the log:\n{log.read_text()}")
        time.sleep(0.2)


if __name__ == "__main__":
    os.environ.setdefault("DEPLOY_JAR", str(ROOT / "target/etcd-aws.jar"))
    if not Path(os.environ["DEPLOY_JAR"]).is_file():
        sys.exit("no jar: mvn package")
    unittest.main(verbosity=2)
