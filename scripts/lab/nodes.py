"""Machines for tests: Debian with a real systemd, each in a network namespace of its own, on an emulated AWS.

Every machine is a systemd-nspawn container over the same root file system, with what it writes kept apart, as a disk
that outlives a reboot. Its instance metadata are at 169.254.169.254, as on EC2, and AWS at AWS_URL. Machines reach each
other over a bridge, and nothing else. Needs root.
"""

from __future__ import annotations

import atexit
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

LAB = Path(__file__).resolve().parent
AWS_ADDRESS, AWS_PORT = "169.254.169.253", 8000
AWS_URL = f"http://{AWS_ADDRESS}:{AWS_PORT}"
METADATA_ADDRESS = "169.254.169.254"
CLONE_NEWNET = 0x40000000
# Other tests may run beside these, on a machine of two processors.
PATIENCE = 4
CGROUPS = [path for path in (Path("/sys/fs/cgroup/systemd"), Path("/sys/fs/cgroup/unified")) if path.is_dir()]

# aws.py gives out loopback addresses, since it expects all nodes on this machine's loopback. Here each node has its own
# network, and in the namespace of AWS all addresses of the group are on the loopback interface.
AWS_PROGRAM = """
import ipaddress, sys
for kind in (ipaddress.IPv4Address, ipaddress.IPv4Network):
    kind.is_loopback = property(lambda self: True)
sys.path.insert(0, sys.argv[1])
import aws
sys.argv = ["aws.py"] + sys.argv[2:]
sys.exit(aws.main())
"""


def run(*command: str | Path, check: bool = True, timeout: float = 300) -> str:
    """Runs a command and answers what it wrote to both outputs."""
    result = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout)
    if check and result.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))} ended with {result.returncode}:\n{result.stdout}")
    return result.stdout


def wait_until(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """Waits for something that comes true, and answers it. It takes some of these seconds where nothing else runs."""
    seconds *= PATIENCE
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.2)


def enter(namespace: str) -> None:
    """Moves this thread into a network namespace."""
    with open(f"/run/netns/{namespace}") as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"cannot enter {namespace}")


class Forwarder:
    """Takes connections at an address in one network namespace and carries them to an address in another one."""

    def __init__(self, namespace: str, listen: tuple[str, int], to_namespace: str, to: tuple[str, int]) -> None:
        self.namespace, self.listen, self.to_namespace, self.to = namespace, listen, to_namespace, to
        self.ready = threading.Event()
        threading.Thread(target=self.serve, daemon=True).start()
        assert self.ready.wait(10)

    def serve(self) -> None:
        enter(self.namespace)
        with socket.create_server(self.listen) as server:
            self.server = server
            enter(self.to_namespace)  # threads that start from here on are there, too
            self.ready.set()
            while True:
                try:
                    near, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=self.carry, args=(near,), daemon=True).start()

    def carry(self, near: socket.socket) -> None:
        with near:
            try:
                far = socket.create_connection(self.to, timeout=10)
            except OSError as error:
                print(f"{self.to} took no connection: {error}", file=sys.stderr)
                return
            with far:
                far.settimeout(None)
                back = threading.Thread(target=self.copy, args=(far, near), daemon=True)
                back.start()
                self.copy(near, far)
                back.join()

    @staticmethod
    def copy(source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            for end in (source, target):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # it is closed already

    def close(self) -> None:
        self.server.close()


class Cloud:
    """The emulated AWS, the network of the machines, and the machines."""

    def __init__(self, rootfs: str, group: str, desired: int, subnet: str = "10.77.0") -> None:
        self.rootfs, self.group, self.subnet = rootfs, group, subnet
        self.disks = rootfs  # what new machines have, the uppermost first
        self.prefix = f"ea{os.getpid() % 10000}"
        self.work = Path(tempfile.mkdtemp(prefix="etcd-aws-nodes."))
        self.machines: dict[str, Machine] = {}
        atexit.register(self.close)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # as an exit, which leaves no machine behind
        self.bridge, self.aws = f"{self.prefix}net", f"{self.prefix}aws"
        run("ip", "netns", "add", self.bridge)
        run("ip", "-n", self.bridge, "link", "add", "br0", "type", "bridge")
        run("ip", "-n", self.bridge, "link", "set", "br0", "up")
        run("ip", "netns", "add", self.aws)
        run("ip", "-n", self.aws, "link", "set", "lo", "up")
        for number in range(4, 20):
            run("ip", "-n", self.aws, "address", "add", f"{subnet}.{number}/32", "dev", "lo")
        command = ["ip", "netns", "exec", self.aws, sys.executable, "-c", AWS_PROGRAM, str(LAB), "--with-parent"]
        command += ["--group", group, "--cidr", f"{subnet}.0/24", "--desired", str(desired)]
        self.log = open(self.work / "aws.log", "w")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True)
        assert self.process.stdout
        self.ready = json.loads(self.process.stdout.readline())
        self.port = int(self.ready["aws"].rsplit(":", 1)[1])
        self.metadata_port = int(self.ready["imdsPort"])
        self.instances: list[dict[str, Any]] = self.ready["group"]["instances"]

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Asks the control API of aws.py."""
        result: list[Any] = []

        def ask() -> None:
            enter(self.aws)
            data = None if body is None else json.dumps(body).encode()
            request = urllib.request.Request(f"http://127.0.0.1:{self.port}/lab/{path}", data, method=method)
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(request, timeout=20) as answer:
                result.append(json.loads(answer.read() or b"null"))

        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
        if not result:
            raise AssertionError(f"{method} {path} failed, see {self.work}/aws.log")
        return result[0]

    def aws_cli(self, command: str) -> str:
        """Runs a command line of the AWS CLI against this AWS."""
        settings = [f"AWS_ENDPOINT_URL=http://127.0.0.1:{self.port}", "AWS_DEFAULT_REGION=us-east-1", "AWS_PAGER="]
        keys = ["AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test"]
        return run("ip", "netns", "exec", self.aws, "env", *settings, *keys, "bash", "-ec", command)

    def machine(self, instance: dict[str, Any]) -> Machine:
        """Makes the machine of an instance and boots it."""
        made = Machine(self, instance["id"], instance["address"])
        self.machines[instance["id"]] = made
        return made

    def close(self) -> None:
        atexit.unregister(self.close)
        for machine in list(self.machines.values()):
            machine.destroy()
        if self.process.poll() is None:
            assert self.process.stdin
            self.process.stdin.close()
            self.process.wait(10)
        assert self.process.stdout
        self.process.stdout.close()
        self.log.close()
        for namespace in (self.bridge, self.aws):
            run("ip", "netns", "delete", namespace, check=False)
        shutil.rmtree(self.work, ignore_errors=True)


class Machine:
    """One of them. Its disk outlives a reboot and a power failure."""

    def __init__(self, cloud: Cloud, instance: str, address: str) -> None:
        self.cloud, self.instance, self.address = cloud, instance, address
        number = address.rsplit(".", 1)[1]
        self.namespace, self.link = f"{cloud.prefix}n{number}", f"v{number}"
        self.directory = cloud.work / instance
        self.root = self.directory / "root"
        for name in ("root", "upper", "work"):
            (self.directory / name).mkdir(parents=True)
        options = f"lowerdir={cloud.disks},upperdir={self.directory}/upper,workdir={self.directory}/work"
        run("mount", "-t", "overlay", "overlay", "-o", options, self.root)
        self.connect()
        self.boot()

    def connect(self) -> None:
        run("ip", "netns", "add", self.namespace)
        run("ip", "-n", self.namespace, "link", "add", "eth0", "type", "veth", "peer", "name", self.link, "netns", self.cloud.bridge)
        run("ip", "-n", self.cloud.bridge, "link", "set", self.link, "master", "br0", "up")
        run("ip", "-n", self.namespace, "link", "set", "lo", "up")
        run("ip", "-n", self.namespace, "link", "set", "eth0", "up")
        run("ip", "-n", self.namespace, "address", "add", f"{self.address}/24", "dev", "eth0")
        # As on EC2, what is not in the subnet goes to a router.
        run("ip", "-n", self.namespace, "route", "add", "default", "via", f"{self.cloud.subnet}.1")
        for address in (METADATA_ADDRESS, AWS_ADDRESS):
            run("ip", "-n", self.namespace, "address", "add", f"{address}/32", "dev", "lo")
        metadata = (self.address, self.cloud.metadata_port)
        self.forwarders = [
            Forwarder(self.namespace, (METADATA_ADDRESS, 80), self.cloud.aws, metadata),
            Forwarder(self.namespace, (AWS_ADDRESS, AWS_PORT), self.cloud.aws, ("127.0.0.1", self.cloud.port)),
        ]

    def boot(self) -> None:
        cgroups = [root / self.namespace for root in CGROUPS]
        for cgroup in cgroups:
            cgroup.mkdir(exist_ok=True)
        enter_cgroups = "".join(f"echo $$ >{cgroup}/cgroup.procs; " for cgroup in cgroups)
        command = ["systemd-nspawn", "-q", "-D", str(self.root), "-b", "--register=no", "--keep-unit"]
        command += [f"--machine={self.namespace}", f"--hostname={self.instance}", "--console=pipe", "--kill-signal=SIGRTMIN+3"]
        command += [f"--network-namespace-path=/run/netns/{self.namespace}"]
        self.console = open(self.directory / "console.log", "a")
        self.process = subprocess.Popen(
            ["bash", "-c", enter_cgroups + 'exec "$@"', "bash", *command],
            stdin=subprocess.DEVNULL,
            stdout=self.console,
            stderr=self.console,
        )
        self.await_boot()

    def await_boot(self) -> None:
        def running() -> bool:
            assert self.process.poll() is None, (self.directory / "console.log").read_text()[-2000:]
            return self.try_run("systemctl", "is-system-running").strip() in ("running", "degraded")

        wait_until(running, 60, f"{self.instance} boots")

    def init(self) -> str:
        """The process id of its systemd, which changes with each boot."""
        return run("pgrep", "-o", "-P", str(self.process.pid), check=False).strip()

    def command(self, *command: str) -> list[str]:
        return ["nsenter", "-t", self.init() or "0", "-m", "-u", "-i", "-n", "-p", "-C", "--", *command]

    def run(self, *command: str, timeout: float = 300) -> str:
        return run(*self.command(*command), timeout=timeout)

    def try_run(self, *command: str) -> str:
        return run(*self.command(*command), check=False)

    def start(self, *command: str) -> subprocess.Popen[str]:
        return subprocess.Popen(self.command(*command), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def journal(self, *units: str) -> str:
        selected = [f"--unit={unit}" for unit in units]
        return self.try_run("journalctl", "--no-pager", "-q", "-o", "short-monotonic", *selected)

    def put(self, source: str | Path, target: str) -> None:
        place = self.root / target.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, place)

    def write(self, text: str, target: str, mode: int = 0o644) -> None:
        place = self.root / target.lstrip("/")
        place.write_text(text)
        place.chmod(mode)

    def take_image(self, image: Path) -> None:
        """Copies the programs of this machine, and nothing else of it, for the disks of others."""
        copy = image.with_suffix(".new")
        run("cp", "-a", self.directory / "upper", copy)
        for own in ("etc/machine-id", "etc/etcd-aws", "etc/sysconfig", "etc/systemd/system", "var/lib/etcd", "var/lib/etcd-aws", "var/log"):
            run("rm", "-rf", copy / own)
        copy.rename(image)

    def reboot(self) -> None:
        self.try_run("systemctl", "reboot")
        self.process.wait(60 * PATIENCE)  # it leaves the second half to whoever has started it
        self.console.close()
        self.boot()

    def crash(self) -> None:
        """A power failure. The container's systemd is killed; systemd-nspawn then clears up."""
        if self.process.poll() is None:
            init = self.init()
            if init:
                os.kill(int(init), signal.SIGKILL)
            self.process.wait(30)

    def destroy(self) -> None:
        self.crash()
        self.console.close()
        for forwarder in self.forwarders:
            forwarder.close()
        run("ip", "netns", "delete", self.namespace, check=False)
        run("umount", self.root, check=False)
        for root in CGROUPS:
            remove_cgroup(root / self.namespace)
        self.cloud.machines.pop(self.instance, None)


def remove_cgroup(cgroup: Path) -> None:
    for path, _, _ in os.walk(cgroup, topdown=False):
        try:
            os.rmdir(path)
        except OSError:
            pass  # the kernel clears it later
