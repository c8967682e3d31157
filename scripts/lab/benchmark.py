#!/usr/bin/env python3
"""The measurements of scripts/benchmark, which says how to run them. Each row is a function below."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import botocore

ROOT = Path(__file__).resolve().parents[2]
JAR = ROOT / "target/etcd-aws.jar"
LAUNCHER = ROOT / "scripts/etcd-aws"
PORTS = "2379,2380"


@dataclass
class Row:
    """One line of the table; what is lower is better."""

    what: str
    reach: float
    reached: float
    unit: str
    detail: str

    @property
    def holds(self) -> bool:
        return self.reached <= self.reach


@dataclass
class Run:
    """What a process took, in seconds and in MB of resident memory at most."""

    wall: float
    cpu: float
    resident: float


def measure(command: list[str], environment: dict[str, str]) -> Run:
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            sys.exit(f"{command} ended with {process.returncode}:\n{said.read().decode()}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def median(values: list[float]) -> float:
    return statistics.median(values)


def spread(values: list[float]) -> str:
    return f"{median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


class Lab:
    """An emulated AWS behind TLS, etcds, and what the program needs to reach them; all ends with the context."""

    def __init__(self, work: Path, network: int, stack: ExitStack) -> None:
        self.work, self.network, self.stack = work, network, stack
        self.certify()
        arguments = [sys.executable, ROOT / "scripts/lab/aws.py", "--tls", work / "aws.pem", work / "aws.key"]
        aws = self.start([*map(str, arguments)], stdout=subprocess.PIPE)
        assert aws.stdout
        ready = json.loads(aws.stdout.readline())
        self.url, self.imds_port = ready["aws"], ready["imdsPort"]
        self.context = ssl.create_default_context(cafile=str(work / "aws.pem"))

    def certify(self) -> None:
        """A certificate for the emulated AWS, that the AWS CLI is told of, and that is one more in a copy of Java's own."""
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
             "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self.work / "aws.key", "-out", self.work / "aws.pem"],
            check=True, capture_output=True,
        )  # fmt: skip
        # As many as the AWS CLI reads when it speaks to AWS.
        (self.work / "bundle.pem").write_text(Path(botocore.__file__).with_name("cacert.pem").read_text() + (self.work / "aws.pem").read_text())

    def trust(self, java: str) -> str:
        """The option that has this Java trust the emulated AWS."""
        store = self.work / f"cacerts-{Path(java).name}"
        if not store.exists():
            shutil.copy(Path(java) / "lib/security/cacerts", store)
            subprocess.run(
                [f"{java}/bin/keytool", "-importcert", "-noprompt", "-alias", "lab", "-file", self.work / "aws.pem",
                 "-keystore", store, "-storepass", "changeit"],
                check=True, capture_output=True,
            )  # fmt: skip
        return f"-Djavax.net.ssl.trustStore={store}"

    def start(self, command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **options}
        process = subprocess.Popen(command, **options)
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        return process

    def post(self, path: str, body: dict[str, Any]) -> Any:
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, context=self.context) as answer:
            return json.load(answer)

    def group(self, size: int) -> list[dict[str, str]]:
        """The instances of a new group, the only one, by their order in the peers file."""
        self.post("/lab/reset", {})
        made = self.post("/lab/groups", {"name": "benchmark", "cidr": f"127.{self.network}.8.0/22", "desired": size})
        return sorted(made["instances"], key=lambda instance: instance["id"])

    def etcds(self, instances: list[dict[str, str]]) -> list[subprocess.Popen[bytes]]:
        """A cluster of these, once all serve."""
        urls = [f"{each['id']}=http://{each['address']}:2380" for each in instances]
        started = []
        for each in instances:
            client, peer = (f"http://{each['address']}:{port}" for port in PORTS.split(","))
            started.append(self.start([
                f"{os.environ['ETCD_35']}/bin/etcd", "--name", each["id"], "--data-dir", f"{self.work}/data/{each['id']}",
                "--initial-cluster", ",".join(urls), "--listen-client-urls", client, "--advertise-client-urls", client,
                "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
            ]))  # fmt: skip
        for each in instances:
            wait_until(lambda: healthy(each["address"]), 60)
        return started

    def environment(self, node: dict[str, str], java: str, **more: str) -> dict[str, str]:
        metadata = f"http://{node['address']}:{self.imds_port}"
        peers_file = self.work / "etcd-peers"
        return {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(self.work),
            "AWS_ENDPOINT_URL": self.url, "AWS_CA_BUNDLE": str(self.work / "bundle.pem"),
            "AWS_ACCESS_KEY_ID": "lab", "AWS_SECRET_ACCESS_KEY": "lab",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata, "METADATA": metadata,
            "ETCD_AWS_PEERS_FILE_PATH": str(peers_file), "PEERS_FILE": str(peers_file),
            "ETCD_AWS_JAVA_HOME": java, "JVM_JAR": str(JAR), "JVM_SETTINGS": "/dev/null",
            "JVM_ARCHIVE": str(self.archive(java)), "JVM_OPTIONS": self.trust(java), **more,
        }  # fmt: skip

    def archive(self, java: str) -> Path:
        """The class archive of this Java, made at the first question."""
        path = self.work / f"archive-{Path(java).name}"
        if not path.exists():
            environment = {"PATH": os.environ["PATH"], "ETCD_AWS_JAVA_HOME": java, "JVM_JAR": str(JAR), "JVM_ARCHIVE": str(path)}
            subprocess.run([LAUNCHER, "--launcher-archive"], check=True, env=environment)
        return path

    @contextmanager
    def daemon(self, node: dict[str, str], java: str, **more: str) -> Iterator[Daemon]:
        address = f"{node['address']}:2378"
        environment = self.environment(node, java, ETCD_AWS_MANAGEMENT_ADDRESS=address, **more)
        with open(self.work / "daemon.log", "wb") as log:
            process = subprocess.Popen([LAUNCHER], env=environment, stdout=log, stderr=log)
        try:
            yield Daemon(process, f"http://{address}/metrics")
        finally:
            process.terminate()
            process.wait()


class Daemon:
    """The program in its periodic mode."""

    def __init__(self, process: subprocess.Popen[bytes], metrics: str) -> None:
        self.process, self.metrics = process, metrics

    def rounds(self) -> tuple[float, float]:
        """How many there were, and the seconds that all of them took."""
        if self.process.poll() is not None:
            sys.exit(f"the periodic mode ended with {self.process.returncode}")
        try:
            text = fetch(self.metrics)
        except OSError:
            return 0, 0
        found = {name: float(value) for name, value in re.findall(r"^etcd_aws_round_duration_seconds_(count|sum) (\S+)", text, re.M)}
        return found["count"], found["sum"]

    def await_rounds(self, number: int, seconds: float, pause: float = 0.2) -> tuple[float, float]:
        wait_until(lambda: self.rounds()[0] >= number, seconds, pause)
        return self.rounds()

    def resident(self) -> float:
        """MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024

    def cpu(self) -> float:
        """Seconds."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def fetch(url: str) -> str:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=2) as answer:
        return answer.read().decode()


def healthy(address: str) -> bool:
    """Whether a read through this member reaches a quorum."""
    try:
        return '"true"' in fetch(f"http://{address}:2379/health")
    except OSError:
        return False


def wait_until(condition: Callable[[], bool], seconds: float, pause: float = 0.01) -> float:
    """When the condition first held."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"not within {seconds} s: {condition}")
        time.sleep(pause)
    return time.monotonic()


def javas() -> tuple[str, str]:
    """A Java 17 and a Java 25."""
    default = subprocess.run([LAUNCHER, "--launcher-java"], check=True, capture_output=True, text=True).stdout.split(" ")[0]
    return default, os.environ["JAVA_25"]


def cli_2() -> str:
    """An AWS CLI of version 2 beside the one of this Python, such as Debian's, if there is one."""
    found = shutil.which("aws", path="/usr/bin:/usr/local/bin")
    told = subprocess.run([found, "--version"], capture_output=True, text=True).stdout if found else ""
    return found if found and told.startswith("aws-cli/2") else ""


def once(lab: Lab, options: argparse.Namespace) -> list[Row]:
    """A one-shot on a node of three whose member has started, in turn with the reference."""
    instances = lab.group(3)
    lab.etcds(instances)
    java17, java25 = javas()
    plain = lab.environment(instances[0], java17)
    del plain["ETCD_AWS_JAVA_HOME"]  # the launcher's, which the program takes for a misspelt key
    kinds: dict[str, tuple[list[str], dict[str, str]]] = {
        "reference": ([str(ROOT / "scripts/lab/curl-reference")], lab.environment(instances[0], java17)),
        "launcher 25": ([str(LAUNCHER), "--once"], lab.environment(instances[0], java25)),
        "launcher 17": ([str(LAUNCHER), "--once"], lab.environment(instances[0], java17)),
        "plain 17": ([f"{java17}/bin/java", lab.trust(java17), "-jar", str(JAR), "--once"], plain),
    }
    newer = cli_2()
    if newer:
        kinds["reference 2"] = (kinds["reference"][0], lab.environment(instances[0], java17, AWS_CLI=newer))
    runs: dict[str, list[Run]] = {kind: [] for kind in kinds}
    for _ in range(options.repetitions + 1):
        for kind, (command, environment) in kinds.items():
            (lab.work / "etcd-peers").unlink(missing_ok=True)
            runs[kind].append(measure(command, environment))
    for each in runs.values():
        del each[0]  # the first of each reads its files from the disk
    walls = {kind: [run.wall for run in each] for kind, each in runs.items()}
    cpus = {kind: [run.cpu for run in each] for kind, each in runs.items()}

    def row(what: str, reach: float, kind: str, of: dict[str, list[float]]) -> Row:
        ratio = median(of[kind]) / median(of["reference"])
        detail = f"{spread(of[kind])} s; reference {spread(of['reference'])} s"
        if newer:
            detail += f"; {median(of[kind]) / median(of['reference 2']):.2f} of {spread(of['reference 2'])} s with the AWS CLI 2"
        return Row(what, reach, ratio, "of reference", detail)

    peak = {kind: median([run.resident for run in each]) for kind, each in runs.items()}
    print("peak resident memory, MB:", {kind: round(value) for kind, value in peak.items()}, file=sys.stderr)
    return [
        row("one-shot, launcher, JDK 25, wall time", 0.25, "launcher 25", walls),
        row("one-shot, launcher, JDK 17, wall time", 0.40, "launcher 17", walls),
        row("one-shot, plain java -jar, JDK 17, wall time", 0.80, "plain 17", walls),
        row("one-shot, launcher, JDK 25, CPU time", 0.30, "launcher 25", cpus),
    ]


def probe(lab: Lab, options: argparse.Namespace) -> list[Row]:
    """Rounds over peers that swallow every packet, but for this node's own etcd."""
    rows = []
    for size in (7, 50, 200):
        instances = lab.group(size)
        black_hole = ["-d", f"127.{lab.network}.8.0/22", "-p", "tcp", "-m", "multiport", "--dports", PORTS, "-j", "DROP"]
        own = ["-d", instances[0]["address"], "-p", "tcp", "-j", "ACCEPT"]
        with ExitStack() as stack:
            for rule in (black_hole, own):
                subprocess.run(["iptables", "-w", "-I", "INPUT", *rule], check=True)
                stack.callback(subprocess.run, ["iptables", "-w", "-D", "INPUT", *rule], check=True)
            (etcd,) = lab.etcds(instances[:1])
            # What AWS takes is no part of this.
            quick = {
                "ETCD_AWS_RECONCILE_INTERVAL": "100ms", "ETCD_AWS_ETCD_PROBE_TIMEOUT": "2s",
                "ETCD_AWS_AWS_SCAN_MAX_AGE": "1h", "ETCD_AWS_MEMBERSHIP_CONFIRM_AFTER": "2h",
            }  # fmt: skip
            with lab.daemon(instances[0], javas()[1], **quick) as daemon:
                _, before = daemon.await_rounds(3, 60)
                took = []
                for number in range(4, 4 + min(options.repetitions, 5)):
                    _, now = daemon.await_rounds(number, 30)
                    took.append(now - before)
                    before = now
            etcd.kill()
        rows.append(Row(f"a round over {size} peers, all but one mute", 1.15, median(took) / 2, "of probe timeout", f"{spread(took)} s"))
    return rows


def memory(lab: Lab, options: argparse.Namespace) -> list[Row]:
    """The periodic mode beside a converged cluster of five, asking AWS in every round."""
    instances = lab.group(5)
    lab.etcds(instances)
    rows = []
    for name, java in zip(("17", "25"), javas()):
        quick = {"ETCD_AWS_RECONCILE_INTERVAL": "30ms", "ETCD_AWS_AWS_SCAN_MAX_AGE": "1ms"}
        (lab.work / "etcd-peers").unlink(missing_ok=True)
        with lab.daemon(instances[0], java, **quick) as daemon:
            # Seldom, since a question for the metrics costs about as much as a round.
            daemon.await_rounds(200, 600, 5)
            early = daemon.resident()
            warm, cpu = daemon.rounds()[0], daemon.cpu()
            number = daemon.await_rounds(options.rounds, options.rounds, 5)[0]
            late, used = daemon.resident(), daemon.cpu() - cpu
        rows += [
            Row(f"resident memory after 200 rounds, 5 peers, JDK {name}", 100, early, "MB", ""),
            Row(f"its growth to round {number:.0f}, JDK {name}", 1.05, late / early, "of that", f"{late:.0f} MB"),
            Row(f"CPU time of a converged round, 5 peers, JDK {name}", 15, 1000 * used / (number - warm), "ms", "after 200 rounds"),
        ]
    return rows


def jar(lab: Lab, options: argparse.Namespace) -> list[Row]:
    size = JAR.stat().st_size / 1e6
    entries = subprocess.run(["unzip", "-Z1", JAR], check=True, capture_output=True, text=True).stdout.count("\n")
    return [Row("fat jar", 20, size, "MB", f"{entries} entries")]


def decide(lab: Lab, options: argparse.Namespace) -> list[Row]:
    """JMH; its generator runs here, so that the benchmarks' code stays out of the build's checks."""
    java = javas()[0]
    path = lab.work / "classpath"
    subprocess.run(["mvn", "-q", "-B", "-ntp", "dependency:build-classpath", f"-Dmdep.outputFile={path}"], cwd=ROOT, check=True, stdout=sys.stderr)
    classes, generated = ROOT / "target/test-classes", lab.work / "jmh"
    classpath = f"{generated}:{classes}:{ROOT}/target/classes:{path.read_text()}"
    (generated / "sources").mkdir(parents=True)
    generator = "org.openjdk.jmh.generators.bytecode.JmhBytecodeGenerator"
    subprocess.run([f"{java}/bin/java", "-cp", classpath, generator, classes, generated / "sources", generated], check=True, stdout=sys.stderr)
    sources = [str(source) for source in (generated / "sources").rglob("*.java")]
    subprocess.run([f"{java}/bin/javac", "-proc:none", "-cp", classpath, "-d", generated, *sources], check=True)
    result = lab.work / "jmh.json"
    quick = ["-f", "2", "-wi", "5", "-i", "5", "-w", "1s", "-r", "1s", "-prof", "gc", "-rf", "json", "-rff", result]
    subprocess.run([f"{java}/bin/java", "-cp", classpath, "org.openjdk.jmh.Main", "DecideBenchmark", *quick], cwd=ROOT, check=True, stdout=sys.stderr)
    rows = []
    for each in json.loads(result.read_text()):
        time_taken, allocated = each["primaryMetric"], each["secondaryMetrics"]["gc.alloc.rate.norm"]["score"]
        detail = f"±{time_taken['scoreError']:.1f} µs, allocates {allocated / 1024:.1f} KB"
        rows.append(Row(f"decide, 5 instances, {each['params']['scenario']}", 20, time_taken["score"], "µs", detail))
    return rows


def wait(lab: Lab, options: argparse.Namespace) -> list[Row]:
    """A one-shot that waits for a cluster without quorum, until that serves again."""
    instances = lab.group(3)
    etcds = lab.etcds(instances)
    took = []
    for _ in range(min(options.repetitions, 5)):
        peers_file = lab.work / "etcd-peers"
        peers_file.unlink(missing_ok=True)  # with a file in place it would not wait
        for etcd in etcds[1:]:
            etcd.send_signal(signal.SIGSTOP)
        with open(lab.work / "once.log", "wb") as log:
            run = subprocess.Popen([LAUNCHER, "--once"], env=lab.environment(instances[0], javas()[1]), stdout=log, stderr=log)
        time.sleep(8)
        if peers_file.exists():
            sys.exit("it did not wait for a quorum")
        for etcd in etcds[1:]:
            etcd.send_signal(signal.SIGCONT)
        serves = wait_until(lambda: healthy(instances[1]["address"]), 30)
        written = wait_until(peers_file.exists, 30)
        if run.wait():
            sys.exit((lab.work / "once.log").read_text())
        took.append(written - serves)
    return [Row("from a cluster that serves to a waiting node's file", 1, median(took), "s", spread(took))]


ROWS: dict[str, Callable[[Lab, argparse.Namespace], list[Row]]] = {
    "once": once, "probe": probe, "memory": memory, "jar": jar, "decide": decide, "wait": wait,
}  # fmt: skip


def surroundings() -> dict[str, str]:
    def line(*command: str) -> str:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.strip()

    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    releases = [re.findall(r'JAVA_RUNTIME_VERSION="(.*)"', Path(java, "release").read_text()) for java in javas()]
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "commit": line("git", "describe", "--always", "--dirty"),
        "machine": f"{os.cpu_count()} × {model[1] if model else os.uname().machine}, Linux {os.uname().release}",
        "load": " ".join(f"{load:.1f}" for load in os.getloadavg()),
        "java": ", ".join(release[0] for release in releases if release),
        "aws": line(str(Path(sys.executable).parent / "aws"), "--version") or line("aws", "--version"),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repetitions", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=2000)
    parser.add_argument("--only", default=",".join(ROWS))
    parser.add_argument("--json", default=str(ROOT / "target/benchmark.json"))
    parser.add_argument("--network", type=int, default=160)
    options = parser.parse_args()
    around = surroundings()
    rows: list[Row] = []
    failures = []
    for name in options.only.split(","):
        with ExitStack() as stack:
            work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="etcd-aws-benchmark-")))
            try:
                rows += ROWS[name](Lab(work, options.network, stack), options)
            except (SystemExit, OSError, subprocess.SubprocessError) as failure:  # the other rows are still worth having
                logs = [f"{log}:\n{log.read_text()[-3000:]}" for log in work.glob("*.log")]
                failures.append("\n".join([f"{name}: {failure}", *logs]))
        # After each, for whoever breaks it off.
        told = {"surroundings": around, "rows": [{**asdict(row), "holds": row.holds} for row in rows]}
        Path(options.json).write_text(json.dumps(told, indent=2))
    for name, value in around.items():
        print(f"{name}: {value}")
    print("\n| what | reach | reached | | detail |\n|---|---|---|---|---|")
    for row in rows:
        verdict = "yes" if row.holds else "**no**"
        print(f"| {row.what} | ≤ {row.reach:g} {row.unit} | {row.reached:.2f} | {verdict} | {row.detail} |")
    if failures:
        sys.exit("\n".join(failures))


if __name__ == "__main__":
    main()
