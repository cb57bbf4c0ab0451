"""The manifests are what a cluster takes, nobody runs as root or calls whom it need not, no secret is forgotten."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import kubernetes_validate
import pytest
import yaml

from yingbao.running.outside import DURABLES
from yingbao.running.secret_folders import Addresses, SecretFolders

KUBERNETES = Path(__file__).parents[2] / "deploy" / "kubernetes"
PROCESSES = yaml.safe_load((KUBERNETES / "processes.yaml").read_text())
NOT_MANIFESTS = {"processes.yaml", "kustomization.yaml"}


def manifests() -> list[dict[str, Any]]:
    """Return every manifest as it stands."""
    return [
        one
        for path in sorted(KUBERNETES.rglob("*.yaml"))
        if path.name not in NOT_MANIFESTS
        for one in yaml.safe_load_all(path.read_text())
    ]


def of_kind(*kinds: str) -> dict[str, dict[str, Any]]:
    """Return the manifests of some kinds, by name."""
    return {one["metadata"]["name"]: one for one in manifests() if one["kind"] in kinds}


def pods() -> dict[str, dict[str, Any]]:
    """Return what runs, by the name that policies know it by."""
    found = of_kind("Deployment", "StatefulSet", "Job").values()
    templates = [one["spec"]["template"] for one in found]
    return {one["metadata"]["labels"]["app.kubernetes.io/name"]: one["spec"] for one in templates}


def kustomization(folder: str) -> dict[str, Any]:
    """Return what a folder puts together."""
    found: dict[str, Any] = yaml.safe_load((KUBERNETES / folder / "kustomization.yaml").read_text())
    return found


@pytest.mark.parametrize(
    "manifest", manifests(), ids=lambda one: f"{one['kind']}/{one['metadata']['name']}"
)
def test_every_manifest_is_what_its_schema_allows_and_no_more(manifest: dict[str, Any]) -> None:
    """A misspelt field would be ignored by a cluster in silence."""
    if manifest["kind"] == "ScaledObject":
        schema = json.loads((KUBERNETES / "scaled" / "scaledobject.schema.json").read_text())
        jsonschema_rs.validate(schema, manifest)
    else:
        kubernetes_validate.validate(manifest, "1.30", strict=True)


def test_each_folder_puts_together_everything_that_lies_in_it() -> None:
    """A manifest that nobody lists would never be applied."""
    for folder in ("base", "county", "scaled"):
        listed = {one for one in kustomization(folder)["resources"] if not one.startswith("..")}
        lie_there = {path.name for path in (KUBERNETES / folder).glob("*.yaml")}
        assert listed == lie_there - NOT_MANIFESTS, folder


def test_nothing_runs_as_root_or_can_write_where_it_was_not_given_room() -> None:
    """As the namespace demands it (pod security: restricted)."""
    assert len(pods()) == len(PROCESSES) + 2
    for name, pod in pods().items():
        whole, (container,) = pod["securityContext"], pod["containers"]
        own = container["securityContext"]
        assert (whole["runAsNonRoot"], whole["runAsUser"]) == (True, 10001), name
        assert whole["seccompProfile"] == {"type": "RuntimeDefault"}
        assert own["readOnlyRootFilesystem"], name
        assert not own["allowPrivilegeEscalation"], name
        assert own["capabilities"] == {"drop": ["ALL"]}
        assert not pod["automountServiceAccountToken"], "nobody needs the cluster's own door"
        assert container["resources"]["limits"].keys() == {"memory"}, name


def test_every_process_is_watched_by_the_three_probes_and_may_be_disturbed_one_at_a_time() -> None:
    """Alive is whoever answers; ready is who could really take something."""
    budgets = of_kind("PodDisruptionBudget")
    for name in PROCESSES:
        (container,) = pods()[name]["containers"]
        paths = [container[f"{one}Probe"]["httpGet"]["path"] for one in ("startup", "liveness")]
        assert paths == ([PROCESSES[name].get("probe", "/healthz")] * 2)
        ready = PROCESSES[name].get("ready", PROCESSES[name].get("probe", "/readyz"))
        assert container["readinessProbe"]["httpGet"]["path"] == ready
        assert budgets[name]["spec"]["maxUnavailable"] == 1


def test_who_calls_is_let_out_and_let_in_and_nobody_else_is() -> None:
    """Two sides of one thing: a call passes only if both say so."""
    policies = of_kind("NetworkPolicy")
    closed = policies["nobody-else"]["spec"]
    assert (closed["podSelector"], closed["ingress"], closed["egress"]) == ({}, [], [])

    out = {(name, called) for name in pods() for called in peers(policies.get(f"from-{name}"), "egress", "to")}  # fmt: skip
    let_in = {(caller, name) for name in pods() for caller in peers(policies.get(f"to-{name}"), "ingress", "from")}  # fmt: skip

    assert out == let_in
    assert {caller for caller, called in out if called == "bus"} == {
        "enrollment", "settlement", "assistance", "notify", "gateway", "watch", "prepare", "bus",
    }  # fmt: skip
    assert {called for caller, called in out if caller == "console"} == {"gateway"}
    database = policies["to-the-database"]["spec"]["podSelector"]["matchExpressions"][0]["values"]
    assert set(database) == {one for one, called in out if called == "bus"} - {"bus"}


def peers(policy: dict[str, Any] | None, direction: str, side: str) -> set[str]:
    """Return which pods of the namespace a policy speaks of."""
    rules = policy["spec"][direction] if policy else []
    found = [peer for rule in rules for peer in rule[side] if "podSelector" in peer]
    return {one["podSelector"]["matchLabels"]["app.kubernetes.io/name"] for one in found}


def test_each_process_is_given_the_secrets_that_are_written_for_it_and_no_others(
    tmp_path: Path,
) -> None:
    """What `yingbao secrets` writes is what the county's folder takes up, file by file."""
    (tmp_path / "data").mkdir()
    at = Addresses("nats://bus-0.bus:4222", "postgresql://database:5432/postgres")
    SecretFolders(tmp_path / "data", tmp_path / "out", "341623", at).write()
    written = {
        folder.name: {f"secrets/{folder.name}/{one.name}" for one in folder.iterdir()}
        for folder in (tmp_path / "out").iterdir()
    }
    del written["database"]  # the county's own

    taken = {one["name"]: set(one["files"]) for one in kustomization("county")["secretGenerator"]}
    assert taken.pop("bus-routes") == {"password=secrets/bus-routes"}
    assert taken == written
    for name, pod in pods().items():
        mounted = {one["secret"]["secretName"] for one in pod["volumes"] if "secret" in one}
        wanted = {"prepare": {"operator"}, "watch": {"operator"}, "bus": set()}
        assert mounted == wanted.get(name, {name})


def test_books_scale_by_what_really_waits_for_them() -> None:
    """Each pattern of durables finds some; nobody scales to none while Prometheus is away."""
    for name, one in of_kind("ScaledObject").items():
        spec = one["spec"]
        (trigger,) = spec["triggers"]
        pattern = trigger["metadata"]["query"].split('"')[1]
        assert [durable for durable in DURABLES if re.fullmatch(pattern, durable)], name
        assert 1 <= spec["fallback"]["replicas"] == spec["minReplicaCount"]
        assert spec["minReplicaCount"] < spec["maxReplicaCount"]
