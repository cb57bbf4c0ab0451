"""The archive for a county without registries: installs and runs in a container that has no network at all."""

import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container

ROOT = Path(__file__).parents[2]
FOLDER = "/var/lib/yingbao/a place"


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of 'make bundle', checked and unpacked."""
    out = ROOT / "var" / "bundle"
    (archive,) = out.glob("*.tar.gz")
    subprocess.run(["sha256sum", "--quiet", "-c", f"{archive.name}.sha256"], cwd=out, check=True)
    room = tmp_path_factory.mktemp("bundle")
    subprocess.run(["tar", "-xzf", archive, "-C", room], check=True)
    (found,) = room.iterdir()
    room.chmod(0o755)
    return found


@pytest.fixture(scope="module")
def machine(unpacked: Path) -> Iterator[Container]:
    """A machine with Python 3.11 and no network; the archive's folder can only be read."""
    box = docker.from_env().containers.run(
        "yingbao/bus:local", ["-c", "sleep 600"], entrypoint="sh", network_mode="none", detach=True,
        volumes={str(unpacked): {"bind": "/media/yingbao", "mode": "ro"}}, init=True,
        labels={"yingbao.tests": "bundle"},
    )  # fmt: skip
    yield box
    box.remove(force=True)


def run(box: Container, *command: str) -> str:
    """Run a command there; it must end well."""
    code, said = box.exec_run(list(command))
    text: str = said.decode()
    assert code == 0, text[-2000:]
    return text


def test_it_installs_and_runs_the_demo_without_a_network(machine: Container) -> None:
    """From the folder alone, into a folder with a blank in its name, as nobody; and a second time over the first."""
    installed = run(machine, "sh", "/media/yingbao/install.sh", FOLDER)
    said = run(machine, f"{FOLDER}/bin/yingbao", "demo", "--people", "300", "--bills", "60")
    run(machine, "sh", "/media/yingbao/install.sh", FOLDER)
    after = run(machine, f"{FOLDER}/bin/yingbao", "--help")

    assert f"{FOLDER}/bin/yingbao demo" in installed
    assert "全部检查通过" in said
    assert "医保" in after or "yingbao" in after
    assert {"environment", "previous"} <= set(run(machine, "ls", FOLDER).split())


def test_an_archive_with_a_changed_file_is_not_installed(machine: Container) -> None:
    """What was packed is what is installed, or nothing is."""
    run(machine, "cp", "-r", "/media/yingbao", "/tmp/changed")
    run(machine, "sh", "-c", "chmod -R u+w /tmp/changed && echo x >> /tmp/changed/LICENSE")

    code, said = machine.exec_run(["sh", "/tmp/changed/install.sh", "/tmp/other"])

    assert code == 1
    assert "fetch the archive again" in said.decode()
    assert machine.exec_run(["ls", "/tmp/other"]).exit_code != 0


def test_it_says_what_is_in_it(unpacked: Path) -> None:
    """Both kinds of machine, the list of parts, licences; no test tool, no bench."""
    notices = (unpacked / "NOTICES.txt").read_text()
    kinds = {one.name for one in (unpacked / "wheels").iterdir()}
    own = next((unpacked / "wheels" / "any").glob("yingbao-*.whl"))
    listed = zipfile.ZipFile(own).namelist()

    assert kinds == {"any", "x86_64", "aarch64"}
    assert "asyncpg" in notices
    assert "pytest" not in notices
    assert "pkg:pypi/asyncpg" in (unpacked / "sbom.json").read_text()
    assert not [name for name in listed if name.startswith(("bench", "tests"))]
    unit = (unpacked / "yingbao.service").read_text()
    assert "ExecStart=/opt/yingbao/bin/yingbao up" in unit
