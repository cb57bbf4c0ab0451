"""The national settlement interface's field names at the hospital's door, as data."""

from collections.abc import Mapping

from contracts.money import format_yuan

CLAIM_FIELDS: Mapping[str, str] = {
    "medins_setl_id": "claim",
    "fixmedins_code": "provider",
    "psn_name": "name",
    "begndate": "admit",
    "enddate": "discharge",
    "setl_time": "settled",
    "medfee_sumamt": "total_fee",
    "inscp_scp_amt": "in_scope",
    "preselfpay_amt": "class_b_prepay",
    "overlmt_selfpay": "over_limit_self_pay",
    "fulamt_ownpay_amt": "full_self_pay",
}
"""National name → ours. ``certno`` (identity number) has the same name here."""

BILL_FIELDS: Mapping[str, tuple[str, ...]] = {
    "medfee_sumamt": ("total_fee",),
    "hifp_pay": ("bmi",),
    "hifmi_pay": ("cii",),
    "maf_pay": ("medical_assistance", "reassistance", "tilted_assistance"),
    "oth_pay": ("supplement", "commercial_supplement"),
    "hosp_part_amt": ("hospital_reduction", "hospital_borne"),
    "psn_cash_pay": ("personal_burden",),
}
"""National name ← the layers of ours that it adds up."""

MED_TYPE = {"21": "inpatient", "14": "chronic_outpatient", "11": "general_outpatient"}


def to_ours(fields: Mapping[str, object]) -> dict[str, object]:
    """Rename national fields; ours pass as they are."""
    found = {CLAIM_FIELDS.get(name, name): value for name, value in fields.items()}
    med_type = found.pop("med_type", None)
    if med_type is not None and "kind" not in found:
        found["kind"] = MED_TYPE.get(str(med_type), str(med_type))
    return found


def to_national(bill_fen: Mapping[str, int]) -> dict[str, str]:
    """Say a bill (layer → fen) in national fields (yuan)."""
    return {
        name: format_yuan(sum(bill_fen.get(layer, 0) for layer in layers))
        for name, layers in BILL_FIELDS.items()
    }
