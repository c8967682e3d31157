#!/usr/bin/env python3
"""Checks the scripts of the deployment one by one: LAB_PYTHON scripts/lab/test_scripts.py

Wants ETCD_34, ETCD_35 and ETCD_36 in the environment, see test-deploy.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request
from pathlib import Path
from typing import Any

import yaml

import runbooks

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "cloudformation/tests"))
from test_stacks import IMAGE, SUM, body_of

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
PLACE = SCRIPTS / "systemd/etcd-place"
PATIENCE_SECONDS = 180  # other tests may run beside
PUBLIC = (
    "install", "etcd-aws", "endpoints", "deploy", "destroy", "iam-policy",
    "systemd/etcd-place", "systemd/restore", "systemd/etcd-aws-metrics",
)  # fmt: skip


def run(*command: str | Path, code: int = 0, text: str = "", **environment: str) -> str:
    result = subprocess.run(
        [str(part) for part in command], input=text, env=dict(os.environ) | environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS
    )
    if result.returncode != code:
        raise AssertionError(f"{command} ended with {result.returncode}, not {code}:\n{result.stdout}{result.stderr}")
    return result.stdout + result.stderr


class HelpTest(unittest.TestCase):
    """What all scripts do alike."""

    def test_everyScriptTellsHowItIsUsed(self) -> None:
        for name in PUBLIC:
            option = "--launcher-help" if name == "etcd-aws" else "--help"
            self.assertTrue(run(SCRIPTS / name, option).startswith("Usage: "), name)

    def test_noScriptTakesWhatItDoesNotKnow(self) -> None:
        for name in set(PUBLIC) - {"etcd-aws"}:
            run(SCRIPTS / name, "--nonsense", code=2)


class EndpointsTest(unittest.TestCase):
    """What endpoints makes of a peers file."""

    def setUp(self) -> None:
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.file = Path(self.directory.name) / "etcd-peers"
        self.file.write_text(
            "ETCD_INITIAL_CLUSTER_STATE=existing\nETCD_NAME=i-2\n"
            'ETCD_INITIAL_CLUSTER="i-1=https://10.0.0.1:2380,i-2=https://[fd00::2]:2380"\n'
        )

    def endpoints(self, *arguments: str) -> str:
        return run(SCRIPTS / "endpoints", "--file", self.file, *arguments)

    def test_clientsGetTheClientPortOfEachMember(self) -> None:
        self.assertEqual("https://10.0.0.1:2379\nhttps://[fd00::2]:2379\n", self.endpoints())
        self.assertEqual("http://10.0.0.1:4001\nhttp://[fd00::2]:4001\n", self.endpoints("--scheme", "http", "--port", "4001"))

    def test_eachFormatIsInTheWordsOfWhoeverWantsIt(self) -> None:
        joined = "https://10.0.0.1:2379,https://[fd00::2]:2379"
        self.assertEqual(f"export ETCDCTL_ENDPOINTS={joined}\n", self.endpoints("--format", "etcdctl"))
        self.assertEqual(f"--etcd-servers={joined}\n", self.endpoints("--format", "kube-apiserver"))
        self.assertIn("ETCD_GATEWAY_ENDPOINTS=10.0.0.1:2379,[fd00::2]:2379\n", self.endpoints("--format", "env"))

    def test_allFormatsOfThePeersFileThatShellsReadAreUnderstood(self) -> None:
        content = self.file.read_text()
        for other in (content.replace('"', ""), "".join(f"export {line}\n" for line in content.splitlines())):
            self.file.write_text(other)
            self.assertEqual("https://10.0.0.1:2379\nhttps://[fd00::2]:2379\n", self.endpoints())

    def test_aFileIsOnlyReplacedWhereItWouldChange(self) -> None:
        target = Path(self.directory.name) / "endpoints"
        self.endpoints("--write", str(target))
        before = target.stat()
        self.endpoints("--write", str(target))
        self.assertEqual((before.st_ino, before.st_mtime_ns), (target.stat().st_ino, target.stat().st_mtime_ns))
        self.endpoints("--write", str(target), "--port", "4001")
        self.assertIn(":4001", target.read_text())
        self.assertEqual(["endpoints", "etcd-peers"], sorted(os.listdir(self.directory.name)))

    def test_withoutMembersItFails(self) -> None:
        self.file.write_text("ETCD_NAME=i-1\n")
        run(SCRIPTS / "endpoints", "--file", self.file, code=1)


class BlankDiskTest(unittest.TestCase):
    """On what install would make a file system, which destroys what was there."""

    def setUp(self) -> None:
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.disk = Path(self.directory.name) / "disk"
        self.disk.write_bytes(bytes(8 << 20))

    def is_blank(self) -> bool:
        command = f'. {SCRIPTS}/install; if is_blank "$0"; then echo yes; else echo no; fi'
        return run("bash", "-c", command, self.disk) == "yes\n"

    def test_onlyZerosAreBlank(self) -> None:
        self.assertTrue(self.is_blank())

    def test_aFileSystemIsNot(self) -> None:
        run("mkfs.ext4", "-q", self.disk)
        self.assertFalse(self.is_blank())

    def test_aPartitionTableIsNotAlsoWithoutAPartition(self) -> None:
        table = bytearray(512)
        table[446:462] = bytes([0, 0, 2, 0, 0x83, 0, 0, 0, 1, 0, 0, 0, 0, 16, 0, 0])
        table[510:] = b"\x55\xaa"
        with self.disk.open("r+b") as disk:
            disk.write(table)
        self.assertIn("PTTYPE", run("blkid", "-p", self.disk))
        self.assertFalse(self.is_blank())

    def test_whatNoToolKnowsIsNot(self) -> None:
        with self.disk.open("r+b") as disk:
            disk.seek(4096)
            disk.write(b"something of somebody's")
        run("blkid", "-p", self.disk, code=2)
        self.assertFalse(self.is_blank())

    def test_whatCannotBeReadIsNot(self) -> None:
        self.disk.unlink()
        self.assertFalse(self.is_blank())


class InstallTest(unittest.TestCase):
    """Functions of install, with stand-ins for what they call."""

    def call(self, commands: str, code: int = 0) -> str:
        return run("bash", "-c", f". {SCRIPTS}/install\n{commands}", code=code)

    def test_aParameterHasASlashAtItsStartOnlyWhereItHasOneAtAll(self) -> None:
        for given, asked in (("etcd-authority", "etcd-authority"), ("etcd/authority", "/etcd/authority"), ("/etcd/authority", "/etcd/authority")):
            with self.subTest(given):
                self.assertIn(f"--name {asked} ", self.call(f'aws() {{ echo "aws $*"; }}\nfetch ssm:{given} /dev/stdout'))

    def test_systemPackagesAreTriedMoreThanOnce(self) -> None:
        command = 'tries=0; sleep() { :; }; dnf() { tries=$((tries + 1)); ((tries == %d)); }\nsystem_packages package package; echo "$tries"'
        self.assertTrue(self.call(command % 3).startswith("3\n"))
        self.assertIn("not to be had after 5 attempts", self.call(command % 6, code=1))

    def tell_stack(self, error: str, code: int) -> str:
        """What it says when CloudFormation refuses its signal with an error."""
        aws = f'aws() {{ echo "An error occurred ({error}) when calling the SignalResource operation: refused" >&2; return 254; }}'
        command = f"work=$(mktemp -d); curl() {{ echo i-1; }}; {aws}; signal=etcd/Group\ntell_stack SUCCESS"
        return self.call(command, code=code)

    def test_aSignalThatNobodyWaitsForDoesNotMatterButOneThatIsNotAllowedDoes(self) -> None:
        self.assertIn("does not wait for a signal now", self.tell_stack("ValidationError", code=0))
        denied = self.tell_stack("AccessDenied", code=1)
        self.assertIn("was not told, by cloudformation:SignalResource: An error occurred (AccessDenied)", denied)
        self.assertNotIn("does not wait", denied)

    def test_theDataDeviceIsTheOneBlankDiskThatIsNoInstanceStore(self) -> None:
        disks = {"/dev/nvme0n1": "Amazon\\x20Elastic\\x20Block\\x20Store", "/dev/nvme1n1": "Amazon\\x20EC2\\x20NVMe\\x20Instance\\x20Storage"}
        models = "".join(f'*MODEL*{disk}) echo "{model}" ;;\n' for disk, model in disks.items())
        listed = "".join(f"{disk} disk 0\\n" for disk in disks)
        lsblk = f'lsblk() {{ case "$*" in\n{models}*NAME,TYPE,RO*) printf "{listed}" ;;\n*MOUNTPOINT*) ;;\n*) echo one ;;\nesac; }}\n'
        self.assertEqual("/dev/nvme0n1\n", self.call(f"{lsblk}is_blank() {{ :; }}\nfind_data_device"))
        self.assertIn("sees 0: none", self.call(f"{lsblk}is_blank() {{ [[ $1 == /dev/nvme1n1 ]]; }}\nfind_data_device", code=1))


class CertificateTest(unittest.TestCase):
    """The certificate that install makes, with a stand-in for root's directories."""

    def setUp(self) -> None:
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.own = Path(self.directory.name)
        script = (SCRIPTS / "install").read_text().replace("/etc/etcd-aws", str(self.own))
        stand_ins = 'put() { cat >"$3"; }\ninstall() { mkdir -p "${@: -1}"; }\nown_address() { echo 10.0.0.1; }\n'
        (self.own / "install").write_text(script + stand_ins)
        run("bash", "-ec", f"cd {self.own}\n" + runbooks.block("TLS", "openssl ecparam"))

    def install(self, *names: str) -> str:
        """Installs it, and answers its serial number."""
        options = " ".join(["--tls-authority", str(self.own / "authority.pem"), *(f"--tls-name {name}" for name in names)])
        commands = f"parse {options}\nwork=$(mktemp -d -p {self.own})\ninstall_certificate\nrm -r $work"
        run("bash", "-c", f". {self.own}/install\n{commands}")
        return self.certificate("-serial")

    def certificate(self, *what: str) -> str:
        return run("openssl", "x509", "-in", self.own / "pki/node.pem", "-noout", *what)

    def test_itIsForTheAddressAndForEachName(self) -> None:
        names = ("etcd-Netwo-1.elb.us-east-1.amazonaws.com", "etcd.example.internal")
        self.install(*names)
        for name in (*names, "localhost"):
            self.assertIn("does match", self.certificate("-checkhost", name))
        self.assertIn("does match", self.certificate("-checkip", "10.0.0.1"))
        self.assertIn("does NOT match", self.certificate("-checkhost", "other.example.internal"))

    def test_itIsMadeAnewOnlyForAnotherName(self) -> None:
        first = self.install()
        self.assertIn("DNS:localhost\n", self.certificate("-ext", "subjectAltName"))
        second = self.install("one.internal")
        self.assertNotEqual(first, second)
        self.assertEqual(second, self.install("one.internal", "one.internal"))
        self.assertNotEqual(second, self.install("two.internal"))

    def test_aNameIsNoAddressAndNothingElse(self) -> None:
        authority = ("--tls-authority", "authority.pem")
        for name in ("10.0.0.1", "etcd.internal.", "*.internal", "etcd,DNS:other", "-x", "a" * 64, ".".join(["a" * 60] * 5)):
            self.assertIn(f"--tls-name wants a DNS name such as etcd.example.internal, not {name}\n", run(SCRIPTS / "install", *authority, "--tls-name", name, code=2))
        self.assertIn("--tls-name wants --tls-authority", run(SCRIPTS / "install", "--tls-name", "etcd", code=2))

    def test_theNamesAreKept(self) -> None:
        commands = "parse --tls-authority a --tls-name one.internal --tls-name two.internal\nput() { cat; }\nremember"
        self.assertIn("--tls-name\none.internal\n--tls-name\ntwo.internal\n", run("bash", "-c", f". {SCRIPTS}/install\n{commands}"))


class BundleTest(unittest.TestCase):
    """What deploy packs."""

    def test_theSameContentGivesTheSameBundleAndItChecksItself(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            jar = Path(directory) / "etcd-aws.jar"
            jar.write_bytes(b"a jar")
            sums = {run(SCRIPTS / "deploy", "bundle", f"{directory}/{name}", "--jar", jar).split()[0] for name in ("a", "b")}
            self.assertEqual(1, len(sums))
            run("tar", "-xzf", f"{directory}/a", "-C", directory)
            run("sh", "-c", f"cd {directory}/etcd-aws && sha256sum --check --quiet --strict SHA256SUMS")
            for needed in ("scripts/install", "scripts/systemd/etcd-place", "scripts/systemd/etcd.service.d/etcd-aws.conf", "LICENSE"):
                self.assertTrue((Path(directory) / "etcd-aws" / needed).is_file(), needed)


class StackTest(unittest.TestCase):
    """deploy and destroy with the real AWS CLI on moto."""

    def setUp(self) -> None:
        command = [sys.executable, "-c", "from moto.server import main; main(['-H', '127.0.0.1', '-p', '5557'])"]
        self.moto = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(self.stop)
        self.environment = {
            "AWS_ENDPOINT_URL": "http://127.0.0.1:5557", "AWS_DEFAULT_REGION": "us-east-1", "AWS_PAGER": "",
            "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        }  # fmt: skip
        wait_for("http://127.0.0.1:5557/moto-api/")
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        # All calls are noted. moto knows no protection of stacks: that call is not made. What stands in `answers` is done
        # in place of a call with that word.
        self.calls, self.answers = Path(self.directory.name) / "calls", Path(self.directory.name) / "answers"
        self.answers.mkdir()
        cli = Path(self.directory.name) / "aws"
        cli.write_text(
            f'#!/bin/bash\necho "$*" >>{self.calls}\nfor answer in {self.answers}/*; do\n'
            '    if [[ " $* " == *" ${answer##*/} "* ]]; then source "$answer"; fi\ndone\n'
            'case "$*" in *update-termination-protection*) exit ;; esac\n'
            f'PATH={os.environ["PATH"]} exec aws "$@"\n'
        )
        cli.chmod(0o755)
        self.environment["PATH"] = f"{self.directory.name}:{os.environ['PATH']}"
        self.template = Path(self.directory.name) / "template.yaml"
        # moto knows no Fn::Cidr and no conditions in policies: what is tested here are the scripts.
        self.template.write_text(
            "Parameters:\n  Size: {Type: String, Default: '10.9.0.0/16'}\n"
            "Resources:\n  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: !Ref Size}}\nOutputs:\n  Id: {Value: !Ref Vpc}\n"
        )

    def stop(self) -> None:
        self.moto.send_signal(signal.SIGTERM)
        self.moto.wait(10)

    def script(self, *arguments: str | Path, code: int = 0, text: str = "") -> str:
        return run(SCRIPTS / arguments[0], *arguments[1:], code=code, text=text, **self.environment)

    def status(self) -> str:
        answer = run("aws", "cloudformation", "list-stacks", "--query", "StackSummaries[].StackStatus", "--output", "text", **self.environment)
        return answer.strip()

    def test_aStackIsMadeOnlyAfterItsChangesWereShownAndConfirmed(self) -> None:
        said = self.script("deploy", "stack", "other", self.template, code=1, text="no\n")
        self.assertIn("AWS::EC2::VPC", said)
        self.assertIn("nothing was changed", said)
        self.assertNotIn("CREATE_COMPLETE", self.status())
        said = self.script("deploy", "stack", "try", self.template, text="yes\n")
        self.assertIn("AWS::EC2::VPC", said)
        self.assertIn("CREATE_COMPLETE", self.status())
        self.assertIn("--stack-name try --enable-termination-protection", self.calls.read_text())
        # The change sets of nested stacks would hold placeholders for outputs to come, which their parameters refuse.
        self.assertNotIn("--include-nested-stacks", self.calls.read_text())

    def answer_once(self, call: str, commands: str) -> None:
        """What the AWS CLI does when it is called so, the first time."""
        (self.answers / call).write_text(f'rm "$answer"\n{commands}\n')

    def test_aStackIsWaitedForLongerThanTheCliDoes(self) -> None:
        for script, waiter, arguments, text in (
            ("deploy", "stack-create-complete", ["stack", "try", self.template, "--yes"], ""),
            ("destroy", "stack-delete-complete", ["try"], "try\n"),
        ):
            self.answer_once(waiter, f"echo 'rm $answer; echo ANY_IN_PROGRESS; exit' >{self.answers}/describe-stacks; exit 255")
            self.script(script, *arguments, text=text)
            self.assertEqual(2, self.calls.read_text().count(f"wait {waiter}"), script)
        self.assertEqual("DELETE_COMPLETE", self.status())

    def test_theTemplatesAreReadFromWhereTheBucketIs(self) -> None:
        self.aws("s3api", "create-bucket", "--bucket", "elsewhere", "--create-bucket-configuration", "LocationConstraint=eu-west-1")
        run("aws", "s3api", "create-bucket", "--bucket", "here", **self.environment)
        for bucket, host in (("elsewhere", "elsewhere.s3.eu-west-1.amazonaws.com"), ("here", "here.s3.us-east-1.amazonaws.com")):
            self.script("deploy", "stack", bucket, self.template, "--upload", f"s3://{bucket}/a", "--yes")
            self.assertIn(f"--template-url https://{host}/a/templates/template.yaml ", self.calls.read_text())
        self.answer_once("get-bucket-location", "echo cn-north-1\nexit")
        self.script("deploy", "stack", "china", self.template, "--upload", "s3://here/a", "--yes")
        self.assertIn("--template-url https://here.s3.cn-north-1.amazonaws.com.cn/a/", self.calls.read_text())

    def test_theMetricsOfTheAlarmsAreSentUnderTheGroupsName(self) -> None:
        nobody = {"ETCD_AWS_GROUP_NAME": "etcd", "ETCD_AWS_MANAGEMENT_ADDRESS": "127.84.0.9:9", "ETCD_LISTEN_METRICS_URLS": "http://127.84.0.9:9"}
        run(SCRIPTS / "systemd/etcd-aws-metrics", **self.environment, **nobody)
        query = ["--namespace", "etcd-aws", "--dimensions", "Name=Group,Value=etcd", "--query", "sort(Metrics[].MetricName)"]
        told = run("aws", "cloudwatch", "list-metrics", *query, "--output", "text", **self.environment)
        self.assertEqual(["Converged", "HasLeader", "Ready"], told.split())

    def test_aStackIsDeletedOnlyWhenItsNameWasTyped(self) -> None:
        self.script("deploy", "stack", "try", self.template, "--yes")
        self.assertIn("nothing was deleted", self.script("destroy", "try", code=1, text="yes\n"))
        self.assertEqual("CREATE_COMPLETE", self.status())
        self.assertIn("deleted try", self.script("destroy", "try", text="try\n"))
        self.assertEqual("DELETE_COMPLETE", self.status())
        self.assertIn("--stack-name try --no-enable-termination-protection", self.calls.read_text())

    def aws(self, *arguments: str) -> Any:
        return json.loads(run("aws", *arguments, "--output", "json", **self.environment))

    def put_template(self, name: str, values: dict[str, str]) -> Path:
        """A template as moto knows it. A list that stays as it is when a stack is updated is too much for it."""
        place = Path(self.directory.name) / f"cloudformation/{name}.yaml"
        place.parent.mkdir(exist_ok=True)
        subnets = json.dumps(values.pop("SubnetIds", "").split(","))
        template = json.loads(body_of(name, values).replace('{"Ref": "SubnetIds"}', subnets))
        template["Parameters"].pop("SubnetIds", None)
        place.write_text(yaml.safe_dump(template))
        return place

    def group(self) -> Any:
        return self.aws("autoscaling", "describe-auto-scaling-groups", "--auto-scaling-group-names", "etcd")["AutoScalingGroups"][0]

    def test_theRunbooksGrowAClusterGiveItAnotherEtcdAndRollThatBack(self) -> None:
        self.aws("cloudformation", "create-stack", "--stack-name", "network", "--template-body", f"file://{self.put_template('network', {})}")
        (network,) = self.aws("cloudformation", "describe-stacks", "--stack-name", "network")["Stacks"]
        values = {output["OutputKey"]: output["OutputValue"] for output in network["Outputs"]}
        values |= {"BundleUrl": "s3://bucket/b.tar.gz", "BundleSha256": SUM, "EtcdSha256": SUM, "ImageId": IMAGE}
        template = self.put_template("etcd-peers", values)
        given = [part for key, value in values.items() for part in ("--parameter", f"{key}={value}")]
        self.script("deploy", "stack", "etcd", template, *given, "--yes")
        self.assertEqual(3, self.group()["DesiredCapacity"])

        os.symlink(SCRIPTS, f"{self.directory.name}/scripts")
        for section, part, variables in (
            ("Grow or shrink", "ClusterSize=5", {}),
            ("Upgrade etcd", "scripts/deploy", {"ETCD_URL": "https://example.com/new.tar.gz", "ETCD_SHA256": "1" * 64}),
            ("Upgrade etcd", "scripts/deploy", {"ETCD_URL": "https://example.com/old.tar.gz", "ETCD_SHA256": SUM}),
        ):
            commands = f"cd {self.directory.name}\n{runbooks.block(section, part)}"
            run("bash", "-ec", commands, text="yes\n", **self.environment, **variables)
        group = self.group()
        self.assertEqual((5, 5, 6), (group["MinSize"], group["DesiredCapacity"], group["MaxSize"]))
        (stack,) = self.aws("cloudformation", "describe-stacks", "--stack-name", "etcd")["Stacks"]
        told = {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in stack["Parameters"]}
        self.assertEqual(("5", "https://example.com/old.tar.gz", SUM), (told["ClusterSize"], told["EtcdUrl"], told["EtcdSha256"]))
        self.assertEqual(values["BundleUrl"], told["BundleUrl"])  # what an update does not name stays


class RunbooksTest(unittest.TestCase):
    """That the runbooks hold nothing that no test runs."""

    # As the document says: no registry has the releases that it takes.
    BY_HAND = "Upgrade from etcd 2"

    def test_everyCommandIsRunByATest(self) -> None:
        tests = "".join((SCRIPTS / f"lab/{name}.py").read_text() for name in ("test_nodes", "test_scripts"))
        run_ones = {(title, part.encode().decode("unicode_escape")) for title, part in re.findall(r'\(?"([A-Z][a-z ]+)", "([^"]+)"', tests)}
        books = runbooks.runbooks()
        books.pop(self.BY_HAND)
        for title, blocks in books.items():
            for commands in blocks:
                self.assertTrue(any(title == section and part in commands for section, part in run_ones), commands)


class PlaceTest(unittest.TestCase):
    """etcd-place beside a real etcd: a cluster of one at one address, and the data of this node at another."""

    OTHER, OWN = "127.84.0.4", "127.84.0.5"

    def setUp(self) -> None:
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        base = Path(self.directory.name)
        self.state, self.data, self.file, self.removed = base / "state", base / "data", base / "peers", base / "removed"
        self.member = base / "member"
        self.state.mkdir()
        self.data.mkdir()
        self.processes: list[subprocess.Popen[bytes]] = []
        self.addCleanup(self.stop)

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
        self.processes.clear()

    def start_etcd(self, address: str, data: Path, members: str, state: str = "new", variable: str = "ETCD_35") -> subprocess.Popen[bytes]:
        urls = {"client": f"http://{address}:2379", "peer": f"http://{address}:2380"}
        command = [f"{os.environ[variable]}/bin/etcd", "--name", address, "--data-dir", str(data), "--initial-cluster", members]
        command += ["--initial-cluster-state", state, "--listen-client-urls", urls["client"], "--advertise-client-urls", urls["client"]]
        command += ["--listen-peer-urls", urls["peer"], "--initial-advertise-peer-urls", urls["peer"]]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.processes.append(process)
        return process

    def end(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()
        self.processes.remove(process)

    def etcdctl(self, *arguments: str) -> Any:
        command = [f"{os.environ['ETCD_35']}/bin/etcdctl", "--endpoints", f"http://{self.OTHER}:2379", "-w", "json", *arguments]
        for _ in range(2 * PATIENCE_SECONDS):  # etcd accepts no changes for some seconds after a start
            result = subprocess.run(command, capture_output=True, text=True)
            if result.returncode == 0:
                return json.loads(result.stdout)
            time.sleep(0.5)
        raise AssertionError(result.stderr)

    def form_cluster(self) -> None:
        self.start_etcd(self.OTHER, Path(self.directory.name) / "other", f"{self.OTHER}=http://{self.OTHER}:2380")
        wait_for(f"http://{self.OTHER}:2379/health")

    def write_file(self, state: str) -> None:
        both = ",".join(f"{address}=http://{address}:2380" for address in (self.OTHER, self.OWN))
        self.file.write_text(f'ETCD_INITIAL_CLUSTER_STATE={state}\nETCD_NAME={self.OWN}\nETCD_INITIAL_CLUSTER="{both}"\n')

    def check(self, starts: bool) -> str:
        return self.place("check", code=0 if starts else 1)

    def place(self, command: str, code: int = 0) -> str:
        return run(
            PLACE, command, code=code, ETCD_DATA_DIR=str(self.data), ETCD_PLACE_PEERS_FILE=str(self.file),
            ETCD_PLACE_STATE=str(self.state), ETCD_PLACE_REMOVED=str(self.removed), ETCD_PLACE_MEMBER=str(self.member), ETCD_PLACE_WAIT_SECONDS="0",
        )  # fmt: skip

    def own_id(self) -> str:
        return run(PLACE, "id", self.data).split()[0]

    def become_member(self) -> str:
        """Joins as etcd does, and answers the own id."""
        self.form_cluster()
        added = self.etcdctl("member", "add", self.OWN, f"--peer-urls=http://{self.OWN}:2380", "--learner")
        self.write_file("existing")
        both = ",".join(f"{address}=http://{address}:2380" for address in (self.OTHER, self.OWN))
        process = self.start_etcd(self.OWN, self.data, both, "existing")
        wait_for(f"http://{self.OWN}:2379/health")
        self.end(process)
        own = f"{added['member']['ID']:x}"
        self.assertEqual(own, self.own_id())
        return own

    def test_theIdsInTheDataAreThoseThatEtcdTells(self) -> None:
        for variable in ("ETCD_34", "ETCD_35", "ETCD_36"):
            data = Path(self.directory.name) / variable
            process = self.start_etcd(self.OTHER, data, f"{self.OTHER}=http://{self.OTHER}:2380", variable=variable)
            wait_for(f"http://{self.OTHER}:2379/health")
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"http://{self.OTHER}:2380/members") as answer:
                told = f"{json.load(answer)[0]['id']:x} {answer.headers['X-Etcd-Cluster-Id']}"
            self.assertEqual(told, run(PLACE, "id", data).strip(), variable)
            self.end(process)

    def test_dataThatCannotBeReadAreLeftAloneAndEtcdDecides(self) -> None:
        (self.data / "member/wal").mkdir(parents=True)
        (self.data / "member/wal/0000000000000000-0000000000000000.wal").write_bytes(b"\1" * 300)
        self.removed.write_text("1")
        self.check(starts=True)
        self.assertEqual(["member"], os.listdir(self.data))

    def test_dataOfAMemberThatIsStillListedAreNeverSetAside(self) -> None:
        own = self.become_member()
        self.removed.write_text(own)  # as if etcd had said so
        self.assertIn("still lists member", self.check(starts=True))
        self.assertEqual(["member"], os.listdir(self.data))

    def test_dataAreNotSetAsideOnTheListsWordAlone(self) -> None:
        own = self.become_member()
        self.etcdctl("member", "remove", own)
        self.check(starts=True)  # etcd will say itself what has become of it
        self.assertEqual(["member"], os.listdir(self.data))

    def test_dataAreNotSetAsideWhileNobodyConfirmsTheRemoval(self) -> None:
        own = self.become_member()
        self.etcdctl("member", "remove", own)
        self.stop()
        self.removed.write_text(own)
        self.assertIn("no member of cluster", self.check(starts=True))
        self.assertEqual(["member"], os.listdir(self.data))

    def test_aRemovedMembersDataAreSetAsideAndANewPlaceIsWaitedFor(self) -> None:
        own = self.become_member()
        self.etcdctl("member", "remove", own)
        self.removed.write_text(own)
        (self.state / "placed").touch()
        said = self.check(starts=False)
        self.assertIn(f"member {own} was removed from the cluster; its data are kept in", said)
        self.assertIn("does not list this node", said)
        (kept,) = os.listdir(self.data)
        self.assertRegex(kept, r"^member\.removed-\d{8}T\d{6}Z$")
        self.etcdctl("member", "add", self.OWN, f"--peer-urls=http://{self.OWN}:2380", "--learner")
        self.check(starts=True)

    def test_anEmptyDirectoryWaitsForADecisionOfThisBoot(self) -> None:
        self.write_file("new")
        self.assertIn("has not decided since this boot", self.check(starts=False))
        (self.state / "placed").touch()
        self.check(starts=True)

    def test_aWipedMemberDoesNotStartUnderItsOldId(self) -> None:
        self.become_member()
        run("rm", "-r", self.data / "member")
        (self.state / "placed").touch()
        for state in ("new", "existing"):
            self.write_file(state)
            self.assertIn("that has started; etcd-aws has to replace it", self.check(starts=False))

    def test_aMemberThatHasStartedHereDoesNotStartEmptyAlthoughItIsListedAsNeverStarted(self) -> None:
        self.form_cluster()
        added = self.etcdctl("member", "add", self.OWN, f"--peer-urls=http://{self.OWN}:2380", "--learner")
        self.write_file("existing")
        (self.state / "placed").touch()
        self.check(starts=True)
        self.member.write_text(f"{added['member']['ID']:x}\n")
        self.assertIn("etcdctl member remove", self.check(starts=False))
        self.write_file("new")
        self.assertIn("the peers file is older", self.check(starts=False))

    def test_aStartIsNotedWithItsMember(self) -> None:
        own = self.become_member()
        self.place("started")
        self.assertTrue((self.state / "used").exists())
        self.assertEqual(own, self.member.read_text().strip())

    def test_aWipedMemberDoesNotFormAClusterWhileNobodyAnswers(self) -> None:
        self.write_file("new")
        (self.state / "placed").touch()
        (self.state / "used").touch()
        self.assertIn("etcd-aws has to decide anew", self.check(starts=False))

    def test_aMemberThatLosesItsDataRightAfterTheDecisionDoesNotFormACluster(self) -> None:
        self.write_file("new")
        (self.data / "member").mkdir()
        self.place("placed")
        (self.data / "member").rmdir()
        self.assertIn("etcd-aws has to decide anew", self.check(starts=False))
        self.place("placed")
        self.check(starts=True)

    def test_aNodeThatWasAddedDoesNotStartWithAnOlderFile(self) -> None:
        self.form_cluster()
        self.etcdctl("member", "add", self.OWN, f"--peer-urls=http://{self.OWN}:2380", "--learner")
        (self.state / "placed").touch()
        self.write_file("new")
        self.assertIn("the peers file is older", self.check(starts=False))
        self.file.write_text(self.file.read_text().replace("=new", "=existing").replace(f"{self.OTHER}=http://{self.OTHER}:2380,", f"{self.OTHER}=http://{self.OTHER}:2380,x=http://127.84.0.6:2380,"))
        self.assertIn("the peers file is not what", self.check(starts=False))
        self.write_file("existing")
        self.check(starts=True)

    def test_aNodeOfABootstrapStartsWhileTheOthersForm(self) -> None:
        both = ",".join(f"{address}=http://{address}:2380" for address in (self.OTHER, self.OWN))
        self.start_etcd(self.OTHER, Path(self.directory.name) / "other", both)
        wait_for(f"http://{self.OTHER}:2380/members")
        (self.state / "placed").touch()
        self.write_file("new")
        self.check(starts=True)
        self.write_file("existing")
        self.assertIn("is forming a cluster", self.check(starts=False))


def wait_for(url: str) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            opener.open(url, timeout=2).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise AssertionError(f"{url} does not answer") from None
            time.sleep(0.1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
