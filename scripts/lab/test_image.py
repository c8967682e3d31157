#!/usr/bin/env python3
"""Builds the container image and runs it with podman: LAB_PYTHON scripts/lab/test_image.py

Wants DEPLOY_JAR, DEPLOY_JDK_IMAGE, DEPLOY_BASE_IMAGE and podman's configuration in the environment, see test-deploy.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import Any

from test_aws import Server

ROOT = Path(__file__).resolve().parents[2]
IMAGE = "localhost/etcd-aws-test"
NOBODY = 65532
MEMORY = "128m"
# libjvm, six modules and Java's own class archive are 51 MB. One module more that is not needed, such as java.desktop, is 15.
LARGEST_RUNTIME_MEGABYTES = 56
# In the archive a class is ready to be used, not packed: three to four times what it takes in the jar. Less than three times
# is an archive of a rehearsal that has not seen it all.
ARCHIVE_TO_JAR = (3, 4)


def podman(*arguments: str, code: int = 0) -> str:
    # In a directory of its own: podman leaves files in its working directory when a container runs out of memory.
    with tempfile.TemporaryDirectory() as directory:
        result = subprocess.run(["podman", *arguments], cwd=directory, capture_output=True, text=True, timeout=300)
    if result.returncode != code:
        raise AssertionError(f"podman {arguments} ended with {result.returncode}, not {code}:\n{result.stdout}{result.stderr}")
    return result.stdout + result.stderr


def inspect(image: str) -> dict[str, Any]:
    (found,) = json.loads(podman("image", "inspect", image))
    return found


def health_check() -> list[str]:
    image = inspect(IMAGE)
    return (image.get("HealthCheck") or image["Healthcheck"])["Test"]


class ImageTest(unittest.TestCase):
    """The image, as it is used: `docker run -v /etc/sysconfig/:/etc/sysconfig/ IMAGE --once`."""

    @classmethod
    def setUpClass(cls) -> None:
        with tempfile.TemporaryDirectory() as context:
            os.mkdir(f"{context}/target")
            shutil.copy(os.environ["DEPLOY_JAR"], f"{context}/target/etcd-aws.jar")
            podman(
                "build", "--quiet", "--layers=false", "--isolation=chroot", "--format=docker", "--pull-never", "--file", str(ROOT / "Containerfile"),
                "--build-arg", f"JDK_IMAGE={os.environ['DEPLOY_JDK_IMAGE']}",
                "--build-arg", f"BASE_IMAGE={os.environ['DEPLOY_BASE_IMAGE']}",
                "--tag", IMAGE, context,
            )  # fmt: skip

    @classmethod
    def tearDownClass(cls) -> None:
        podman("rmi", "--force", IMAGE)
        podman("image", "prune", "--force")

    def setUp(self) -> None:
        self.directory = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.directory)
        self.directory.chmod(0o755)
        self.server = Server("--group", "etcd", "--desired", "1", "--cidr", "127.85.0.0/24")
        self.addCleanup(self.server.stop)

    def once(self, *options: str, code: int = 0) -> str:
        address = self.server.ready["group"]["instances"][0]["address"]
        metadata = f"http://{address}:{self.server.imds_port}"
        # No health checks: podman runs those through systemd, which need not be there.
        return podman(
            "run", "--rm", "--no-healthcheck", "--read-only", "--read-only-tmpfs=false", "--cap-drop=all",
            "--security-opt=no-new-privileges", "--memory", MEMORY, "--memory-swap", MEMORY,
            "--volume", f"{self.directory}:/etc/sysconfig/",
            "--env", f"AWS_ENDPOINT_URL={self.server.url}", "--env", f"AWS_EC2_METADATA_SERVICE_ENDPOINT={metadata}",
            *options, IMAGE, "--once", "--timeout", "180s", code=code,
        )  # fmt: skip

    def test_itWritesTheFileReadOnlyWithoutCapabilitiesAsNobodyIn128MiB(self) -> None:
        os.chown(self.directory, NOBODY, NOBODY)
        self.once()
        file = self.directory / "etcd-peers"
        self.assertIn("ETCD_INITIAL_CLUSTER_STATE=new", file.read_text())
        self.assertEqual((NOBODY, 0o644), (file.stat().st_uid, stat.S_IMODE(file.stat().st_mode)))

    def test_aDirectoryOfRootWantsRootAndNoCapability(self) -> None:
        self.assertIn("etcd-peers", self.once(code=8))
        self.once("--user", "0")
        self.assertTrue((self.directory / "etcd-peers").is_file())

    def test_thereIsNoShellInIt(self) -> None:
        podman("run", "--rm", "--no-healthcheck", "--entrypoint", "/bin/sh", IMAGE, "-c", "true", code=127)

    def test_itTellsItsVersion(self) -> None:
        said = podman("run", "--rm", "--no-healthcheck", "--read-only", "--cap-drop=all", IMAGE, "--version")
        self.assertIn("etcd-aws ", said)

    def test_itIsLabelledAndChecksItsHealth(self) -> None:
        image = inspect(IMAGE)
        self.assertEqual(f"{NOBODY}:{NOBODY}", image["Config"]["User"])
        for label in ("title", "description", "licenses", "version", "revision"):
            self.assertIn(f"org.opencontainers.image.{label}", image["Labels"])
        self.assertEqual("CMD", health_check()[0])

    def test_itHoldsTheRuntimeTheJarAndAWholeArchiveOfItsClassesAndNothingElse(self) -> None:
        base = inspect(os.environ["DEPLOY_BASE_IMAGE"])["Size"]
        place = Path(podman("image", "mount", IMAGE).strip()) / "opt/etcd-aws"
        self.addCleanup(podman, "image", "unmount", IMAGE)
        parts = {path.name: sum(file.stat().st_size for file in [path, *path.rglob("*")] if file.is_file()) for path in place.iterdir()}
        whole = inspect(IMAGE)["Size"]
        told = ", ".join(f"{name} {size / 1e6:.1f}" for name, size in sorted(parts.items()))
        print(f"size of the image: {whole / 1e6:.0f} MB: base {base / 1e6:.1f}, {told}")
        self.assertEqual({"java", "etcd-aws.jar", "classes.jsa", "Health.class"}, parts.keys())
        self.assertLess(whole - base - sum(parts.values()), 1e6)
        self.assertLess(parts["java"], LARGEST_RUNTIME_MEGABYTES * 1e6)
        least, most = ARCHIVE_TO_JAR
        self.assertTrue(least < parts["classes.jsa"] / parts["etcd-aws.jar"] < most, told)

    def test_theHealthCheckSaysNoWhereNothingListens(self) -> None:
        command = health_check()[1:]
        podman("run", "--rm", "--no-healthcheck", "--read-only", "--entrypoint", command[0], IMAGE, *command[1:-1], "http://127.0.0.1:9/", code=1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
