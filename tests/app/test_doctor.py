# SPDX-License-Identifier: EUPL-1.2
"""`doctor` on configurations: what is missing, what is soft, what the contract promised."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.config import Config, load_config
from app.diagnosis import Diagnosis
from app.doctor import diagnose
from app.errors import ConfigurationError
from app.mail import mail_settings
from app.official_qpv import load_official_codes
from tests.factories.contract import QPV_HAUT, toy_settings

ROOT = Path(__file__).resolve().parents[2]
ON = date(2026, 1, 15)


def doctor(deployment: dict[str, Any] | None = None, on: date = ON, **changes: Any) -> dict[str, Diagnosis]:
    values = {"deployment": deployment or {}, "contracts": [toy_settings() | changes]}
    return {
        item.subject.removeprefix("contracts[0]."): item
        for item in diagnose(Config.model_validate(values), on=on)
    }


def with_change(key: str, rank: int, **changes: Any) -> dict[str, Any]:
    entries = list(toy_settings()[key])
    entries[rank] = entries[rank] | changes
    return {key: entries}


def test_shipped_configuration_lists_the_printed_faults_and_no_error() -> None:
    found = diagnose(load_config(ROOT / "config.yaml", {}), on=date(2026, 11, 22))
    printed = [item for item in found if "printed_faults" in item.subject]
    assert len(printed) == 7
    assert {item.level for item in printed} == {"info"}
    assert [item.subject for item in found if item.level != "info"] == [
        "contracts[0].geography.official_list"
    ]


@pytest.mark.shared_data
def test_shipped_codes_are_official(shared_data: Path, tmp_path: Path) -> None:
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    official = shared_data / "qpv-2024" / "qpv2024_liste.csv"
    path = tmp_path / "config.yaml"
    path.write_text(
        text.replace("# official_list: qpv-2024.csv", f"official_list: {official}"), encoding="utf-8"
    )
    found = diagnose(load_config(path, {}), on=date(2026, 11, 22))
    assert [item for item in found if item.level != "info"] == []


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "count"), [("qpv2024_liste.csv", 1584), ("listeqp2024-cog2024_echantillon.csv", 4)]
)
def test_official_lists_of_both_forms(shared_data: Path, name: str, count: int) -> None:
    codes = load_official_codes(shared_data / "qpv-2024" / name)
    assert len(codes) == count
    assert ("QN00101M" in codes) is True


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "vide"),
        (b"code;nom\nQN05934M;x\n", "code_qp"),
        (b"code_qp;nom\nx;y\n", "aucun code"),
    ],
)
def test_official_list_that_is_not_one(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "liste.csv"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=words):
        load_official_codes(path)


def test_official_list_in_cp1252(tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_bytes("code_qp;lib_qp\nQN05934M;Préfecture\n".encode("cp1252"))
    assert load_official_codes(path) == {"QN05934M"}


def test_code_absent_from_the_official_list(tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text(f"code_qp\n{QPV_HAUT}\n", encoding="utf-8")
    found = doctor(geography=toy_settings()["geography"] | {"official_list": str(path)})
    assert found["geography.qpv[1].code"].level == "error"
    assert "geography.qpv[0].code" not in found


def test_official_files_that_are_missing() -> None:
    absent = {"official_list": "absent.csv", "perimeters": "absent.json"}
    found = doctor(geography=toy_settings()["geography"] | absent)
    assert found["geography.official_list"].level == "error"
    assert found["geography.perimeters"].level == "error"


def test_body_without_members_and_missing_bodies() -> None:
    found = doctor(bodies=[toy_settings()["bodies"][2] | {"members": []}])
    assert "personne ne sera convoqué" in found["bodies[0].members"].message
    assert "bodies" in found


def test_cadence_below_what_the_contract_promised() -> None:
    found = doctor(**with_change("bodies", 2, cadence={"promised_per_year": 4, "per_year_min": 3}))
    assert "3 réunion(s) par an prévue(s), 4 promises" in found["bodies[2].cadence"].message
    kept = doctor(**with_change("bodies", 2, cadence={"promised_per_year": 4, "per_year_min": 4}))
    assert "bodies[2].cadence" not in kept


def test_months_against_bounds() -> None:
    few = doctor(**with_change("bodies", 2, cadence={"per_year_min": 4, "months": [1, 2]}))
    many = doctor(**with_change("bodies", 2, cadence={"per_year_max": 1, "months": [1, 2]}))
    assert "minimum de 4" in few["bodies[2].cadence.months"].message
    assert "maximum de 1" in many["bodies[2].cadence.months"].message


def test_no_call_open_gives_the_next_opening() -> None:
    assert "calls" not in doctor()
    assert "prochaine ouverture le 01/10/2025" in doctor(on=date(2025, 9, 1))["calls"].message
    assert "aucun appel ouvert" in doctor(on=date(2026, 9, 1))["calls"].message


def test_droit_commun_that_concerns_nothing_leaves_objectives_alone() -> None:
    bare = [item | {"credits": []} for item in toy_settings()["organisations"]]
    bare[5]["credits"] = [{"nature": "droit_commun", "label": "x"}]
    found = doctor(organisations=bare, envelopes=[])
    assert "jamais sollicité" in found["organisations[5].credits[0].concerns"].message
    assert found["framework"].message.endswith("1.1.1, 1.1.2, 2.1.1")


def test_credit_without_envelope() -> None:
    text = " ".join(
        item.message for item in diagnose(Config.model_validate({"contracts": [toy_settings()]}), on=ON)
    )
    assert "aucune enveloppe 2026 pour epci:specifique" in text


def test_population_missing() -> None:
    geography = toy_settings()["geography"]
    geography["qpv"][1].pop("population")
    assert doctor(geography=geography)["geography.qpv[1].population"].level == "warning"


def test_condition_without_objectives() -> None:
    organisations = toy_settings()["organisations"]
    organisations[3]["credits"][0]["supports"] = []
    assert "organisations[3].credits[0].supports" in doctor(organisations=organisations)


def test_production_deployment() -> None:
    found = doctor({"environment": "production", "smtp": {"host": "smtp.exemple.fr", "username": "u"}})
    assert found["deployment.base_address"].level == "error"
    assert found["deployment.smtp.sender"].level == "error"
    assert "deployment.smtp" in found


@pytest.mark.parametrize(
    ("deployment", "is_held"),
    [
        ({}, True),
        ({"environment": "development", "smtp": {"host": "127.0.0.1", "port": 1025}}, True),
        ({"environment": "development", "redirect_all_mail_to": "essais@epci.fr"}, False),
        ({"environment": "production"}, False),
        ({"environment": "demo", "smtp": {"host": "127.0.0.1", "port": 40000}}, False),
        ({"environment": "demo", "smtp": {"host": "127.0.0.1", "port": 25}}, True),
        ({"environment": "demo", "smtp": {"host": "smtp.exemple.fr", "port": 2525}}, True),
    ],
)
def test_mail_is_held_outside_production_unless_it_is_redirected(
    deployment: dict[str, Any], is_held: bool
) -> None:
    values = {"deployment": deployment, "contracts": [toy_settings()]}
    config = Config.model_validate(values)

    said = [item for item in diagnose(config, on=ON) if "aucun message ne part" in item.message]

    assert (mail_settings(config).held is not None) is is_held
    assert [item.level for item in said] == (["info"] if is_held else [])


def test_errors_come_first() -> None:
    values = {"deployment": {"environment": "production"}, "contracts": [toy_settings()]}
    levels = [item.level for item in diagnose(Config.model_validate(values), on=ON)]
    assert levels == sorted(levels, key=["error", "warning", "info"].index)


def test_an_openid_provider_without_its_secret_is_an_error() -> None:
    provider = {"code": "id", "label": "Identité", "issuer": "https://id.test", "client_id": "x"}
    assert "COINSTRUCTION_OPENID_SECRET_ID" in doctor({"openid": [provider]})["deployment.openid"].remedy
