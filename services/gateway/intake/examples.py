"""One example of everything that may be sent, with made-up people; a test sends each of them."""

from collections.abc import Mapping
from typing import Any

from contracts.vocabulary import SOURCE_ZH
from services.gateway.intake.reports import REPORTS
from services.gateway.openapi import inline

WHO = {"certno": "341699196005040011", "name": "张三"}
PLACE = {"township": "张村镇", "village": "石村"}
EXAMPLE_BILL: dict[str, Any] = {
    "claim": "2023-000123", "provider": "H34169901", "certno": WHO["certno"], "kind": "inpatient",
    "level": "L2", "area": "local", "admit": "2023-05-10", "discharge": "2023-05-18",
    "settled": "2023-05-18T10:30:00", "total_fee": "12000.00", "in_scope": "10000.00",
    "class_b_prepay": "600.00", "over_limit_self_pay": "100.00", "full_self_pay": "1300.00",
    "disease": "I63",
}  # fmt: skip
EXAMPLE_REVERSAL = {"certno": WHO["certno"], "reason": "重复登记"}
EXAMPLES: Mapping[str, dict[str, Any]] = {
    "StatusReported": {
        **WHO, **PLACE, "phone": "19900000001", "category": "SUBSISTENCE", "sub_level": "A类",
        "effective": "2023-04-10", "household_head": "张三",
    },
    "DeathReported": {**WHO, "died": "2023-05-20"},
    "PremiumPaid": {
        **WHO, **PLACE, "coverage_year": 2023, "amount": "350.00", "paid_on": "2022-12-20",
    },
    "CoverageElsewhereReported": {
        **WHO, "reason": "LOCAL_EMPLOYEE", "valid_from": "2023-03-01", "valid_to": "2023-09-30",
    },
    "FlagApplied": {**WHO, **PLACE, "category": "REGISTERED_POOR", "filed_on": "2022-12-28"},
    "FlagDecided": {
        **WHO, "category": "REGISTERED_POOR", "flag_year": 2023, "decision": "approved",
        "decided_on": "2023-01-10",
    },
    "ChronicAssessmentReported": {
        **WHO, "disease": "高血压", "applied_on": "2023-04-03", "result": "granted",
        "certificate_no": "慢2023-0007", "valid_from": "2023-05-01",
    },
    "ManualAssistancePaid": {
        **WHO, "claim": "H34169901:2023-000123", "amount": "409.15", "paid_on": "2023-05-30",
        "card_last4": "0042", "signed": True,
    },
    "IdentityChanged": {**WHO, "new_certno": "34169919600504002X", "effective": "2023-06-01"},
    "PremiumRefunded": {
        **WHO, "coverage_year": 2023, "amount": "350.00", "refunded_on": "2023-04-03", "receipt": "退2023-01",
    },
    "JustificationReported": {
        **WHO, "reason": "ARMY", "evidence_type": "部队证明", "evidence_no": "2023-001",
        "valid_from": "2023-03-01",
    },
    "OutOfAreaFiled": {**WHO, "place": "上海市", "valid_from": "2023-05-02"},
}  # fmt: skip

WHO_MAY_SAY = "\n".join(
    f"- `{name}`：{'、'.join(f'{source.value}（{SOURCE_ZH[source.value]}）' for source in sorted(sources))}"
    for name, (_, _, sources) in REPORTS.items()
)
"""Which departments may report what."""


def body_of_reports() -> dict[str, Any]:
    """Return FastAPI's ``openapi_extra`` for the body of a report: one of them, each with an example."""
    schemas = []
    for name, (incoming, _, sources) in REPORTS.items():
        schema = inline(incoming.model_json_schema()) | {"title": name}
        schema["x-sources"] = sorted(source.value for source in sources)
        schemas.append(schema)
    examples = {name: {"summary": name, "value": body} for name, body in EXAMPLES.items()}
    content = {"schema": {"oneOf": schemas}, "examples": examples}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}
