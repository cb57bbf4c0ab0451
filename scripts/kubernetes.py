"""Makes Kubernetes' manifests from deploy/kubernetes/processes.yaml, which people read and change.

``--check`` compares. Every process has a deployment, a service, a budget for disruptions, and network
policies for who may call it and what it may call.
"""

import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent / "deploy"
OUT = ROOT / "kubernetes"
NAMESPACE, PORT, USER = "yingbao", 8000, 10001
MADE = (
    "# Made by scripts/kubernetes.py from processes.yaml; change that, and run 'make contracts'.\n"
)
NAMESPACES = {"monitoring": "monitoring", "ingress": "ingress-nginx"}
DATABASE_PORT, BUS_PORTS = 5432, (4222, 8222)
Manifest = dict[str, Any]


def manifests() -> dict[str, list[Manifest]]:
    """Return file → manifests."""
    told = yaml.safe_load((OUT / "processes.yaml").read_text(encoding="utf-8"))
    found = {f"base/{name}.yaml": _process(name, one) for name, one in told.items()}
    found["base/prepare.yaml"] = [_prepare(), _may_call("prepare", ["bus", "database"])]
    found["scaled/scaled.yaml"] = [
        _scaled(name, one["replicas"], one["scales"])
        for name, one in told.items()
        if "scales" in one
    ]
    return found


def texts() -> dict[Path, str]:
    """Return every generated file and its text."""
    found = {
        OUT / name: MADE + "---\n".join(
            yaml.safe_dump(one, sort_keys=False, allow_unicode=True, width=110) for one in many
        )
        for name, many in manifests().items()
    }  # fmt: skip
    found[OUT / "base" / "nats.conf"] = (ROOT / "cluster" / "nats.conf").read_text(encoding="utf-8")
    return found


def _named(kind: str, api: str, name: str, part: str = "") -> Manifest:
    labels = {"app.kubernetes.io/part-of": "yingbao", "app.kubernetes.io/name": part or name}
    return {
        "apiVersion": api, "kind": kind,
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": labels},
    }  # fmt: skip


def _selected(name: str) -> Manifest:
    return {"matchLabels": {"app.kubernetes.io/name": name}}


def _pod(name: str, container: Manifest, volumes: list[Manifest], grace: int = 30) -> Manifest:
    """Return a pod that may do nothing but run: no root, no token of the cluster, nothing to write on."""
    container["securityContext"] = {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    container["imagePullPolicy"] = "IfNotPresent"
    labels = {"app.kubernetes.io/part-of": "yingbao", "app.kubernetes.io/name": name}
    return {
        "metadata": {
            "labels": labels,
            "annotations": {"prometheus.io/scrape": "true", "prometheus.io/port": str(PORT)},
        },
        "spec": {
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": grace,
            "securityContext": {
                "runAsNonRoot": True, "runAsUser": USER, "runAsGroup": USER, "fsGroup": USER,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "topologySpreadConstraints": [
                {
                    "maxSkew": 1, "topologyKey": "kubernetes.io/hostname",
                    "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": _selected(name),
                }
            ],
            "containers": [container],
            "volumes": volumes,
        },
    }  # fmt: skip


def _process(name: str, told: Manifest) -> list[Manifest]:
    container = _container(name, told)
    volumes = [
        {"name": "secrets", "secret": {"secretName": told.get("secret", name), "defaultMode": 0o440}},
        {"name": "tmp", "emptyDir": {"sizeLimit": told.get("tmp", "256Mi")}},
        {"name": "state", **_state(name, told)},
    ]  # fmt: skip
    deployment = _named("Deployment", "apps/v1", name) | {
        "spec": {
            "replicas": told["replicas"],
            "revisionHistoryLimit": 3,
            "selector": _selected(name),
            "strategy": _strategy(told),
            "template": _pod(name, container, volumes),
        }
    }  # fmt: skip
    service = _named("Service", "v1", name) | {
        "spec": {
            "selector": _selected(name)["matchLabels"],
            "ports": [{"name": "http", "port": PORT, "targetPort": "http"}],
        }
    }
    # One may be taken at a time: with a single process that is a pause, with two it is none.
    budget = _named("PodDisruptionBudget", "policy/v1", name) | {
        "spec": {"maxUnavailable": 1, "selector": _selected(name)}
    }
    return [
        deployment,
        service,
        budget,
        _may_be_called(name, told["from"]),
        _may_call(name, told["to"]),
    ]


def _strategy(told: Manifest) -> Manifest:
    """One more first, so that somebody always takes what comes; what has a disk gives it up first."""
    if "disk" in told:
        return {"type": "Recreate"}
    return {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}


def _state(name: str, told: Manifest) -> Manifest:
    if "disk" in told:
        return {"persistentVolumeClaim": {"claimName": name}}
    return {"emptyDir": {"sizeLimit": "1Gi"}}


def _disk(name: str, size: str) -> Manifest:
    return _named("PersistentVolumeClaim", "v1", name) | {
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
    }


def _container(name: str, told: Manifest) -> Manifest:
    probe = told.get("probe")
    environment = [
        {"name": key, "value": value} for key, value in told.get("environment", {}).items()
    ]
    mounts = {"secrets": "/run/secrets", "tmp": "/tmp", "state": "/var/lib/yingbao"}  # noqa: S108  in the container
    return {
        "name": name,
        "image": "yingbao/yingbao",
        "args": told.get("arguments", ["serve", name]),
        "envFrom": [{"configMapRef": {"name": "county"}}],
        "env": environment,
        "ports": [{"name": "http", "containerPort": PORT}],
        # Not ready is told to who calls; alive is whoever answers. A bus that is away restarts nobody.
        "startupProbe": _probe(probe or "/healthz", 2, 60),
        "livenessProbe": _probe(probe or "/healthz", 10, 3),
        "readinessProbe": _probe(probe or told.get("ready", "/readyz"), 5, 2),
        "resources": {
            "requests": {"cpu": told["cpu"], "memory": "256Mi"},
            "limits": {"memory": told["memory"]},
        },
        "volumeMounts": [
            {"name": key, "mountPath": path} | ({"readOnly": True} if key == "secrets" else {})
            for key, path in mounts.items()
        ],
    }


def _probe(path: str, seconds: int, failures: int) -> Manifest:
    return {
        "httpGet": {"path": path, "port": "http"}, "periodSeconds": seconds, "timeoutSeconds": 4,
        "failureThreshold": failures,
    }  # fmt: skip


def _policy(name: str, pods: Manifest, **rules: Any) -> Manifest:
    kinds = [kind for kind in ("Ingress", "Egress") if kind.lower() in rules]
    return _named("NetworkPolicy", "networking.k8s.io/v1", name) | {
        "spec": {"podSelector": pods, "policyTypes": kinds} | rules
    }


def _peer(name: str) -> Manifest:
    if name in NAMESPACES:
        label = {"kubernetes.io/metadata.name": NAMESPACES[name]}
        return {"namespaceSelector": {"matchLabels": label}}
    return {"podSelector": _selected(name)}


def _ports(*ports: int) -> list[Manifest]:
    return [{"protocol": "TCP", "port": one} for one in ports]


def _may_be_called(name: str, callers: list[str]) -> Manifest:
    rule = {"from": [_peer(one) for one in callers], "ports": _ports(PORT)}
    return _policy(f"to-{name}", _selected(name), ingress=[rule])


def _may_call(name: str, called: list[str]) -> Manifest:
    """The database is wherever the county has it: the overlay names its address."""
    ports = {"bus": BUS_PORTS}
    rules = [
        {"to": [_peer(one)], "ports": _ports(*ports.get(one, (PORT,)))}
        for one in called
        if one not in {"database", "sms"}
    ]
    return _policy(f"from-{name}", _selected(name), egress=rules)


def _prepare() -> Manifest:
    told: Manifest = {
        "cpu": "250m",
        "memory": "1Gi",
        "arguments": ["prepare", "--data", "/run/secrets"],
    }
    container = _container("prepare", told)
    for unused in ("ports", "startupProbe", "livenessProbe", "readinessProbe"):
        del container[unused]
    volumes = [
        {"name": "secrets", "secret": {"secretName": "operator", "defaultMode": 0o440}},
        {"name": "tmp", "emptyDir": {}}, {"name": "state", "emptyDir": {}},
    ]  # fmt: skip
    pod = _pod("prepare", container, volumes)
    pod["spec"] |= {"restartPolicy": "OnFailure"}
    del pod["metadata"]["annotations"], pod["spec"]["topologySpreadConstraints"]
    return _named("Job", "batch/v1", "prepare") | {
        "spec": {"backoffLimit": 100, "ttlSecondsAfterFinished": 3600, "template": pod}
    }


def _scaled(name: str, least: int, told: Manifest) -> Manifest:
    """Scale by what waits at the bus, as `watch` tells it: nobody else of the cluster may ask the bus."""
    query = f'sum(max by (durable) (yingbao_bus_waiting_messages{{durable=~"{told["durables"]}"}}))'
    return _named("ScaledObject", "keda.sh/v1alpha1", name) | {
        "spec": {
            "scaleTargetRef": {"name": name},
            "minReplicaCount": least,
            "maxReplicaCount": told["most"],
            "pollingInterval": 15,
            "cooldownPeriod": 300,
            # Prometheus, or who tells it, away: the usual number, never none.
            "fallback": {"failureThreshold": 4, "replicas": least},
            "triggers": [
                {
                    "type": "prometheus",
                    "metadata": {
                        "serverAddress": "http://prometheus.monitoring:9090", "query": query,
                        "threshold": str(told["waiting"]), "ignoreNullValues": "false",
                    },
                }
            ],
        }
    }  # fmt: skip


def main() -> int:
    """Write or check the files."""
    wanted = texts()
    if "--check" in sys.argv:
        stale = [one for one, text in wanted.items() if not one.exists() or one.read_text() != text]
        said = [f"{one.name} is out of date: run 'make contracts'" for one in stale]
        print("\n".join(said) or "kubernetes: up to date")
        return 1 if stale else 0
    for path, text in wanted.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
