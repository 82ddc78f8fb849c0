# SPDX-License-Identifier: EUPL-1.2
"""`config.yaml` and the environment: the known numbers load, and each fault is one French sentence with its path."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.config import Config, load_config
from app.errors import ConfigurationError
from tests.factories.contract import toy_settings
from workflow.territory import Nature, Territory

ROOT = Path(__file__).resolve().parents[2]
SECRET = "s3cret-de-test"


@pytest.fixture
def written(tmp_path: Path) -> Callable[[object], Path]:
    def write(content: object) -> Path:
        path = tmp_path / "config.yaml"
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            text = content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True)
            path.write_text(text, encoding="utf-8")
        return path

    return write


OPENID = {"code": "pro-connect", "label": "ProConnect", "issuer": "https://id.test", "client_id": "x"}


def settings(deployment: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    return {"deployment": deployment or {}, "contracts": [toy_settings() | changes]}


def refusal(path: Path | None, environ: Mapping[str, str] | None = None) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        load_config(path, environ or {})
    assert caught.value.exit_code == 2
    assert caught.value.faults
    assert "Traceback" not in str(caught.value)
    return caught.value


def faults(path: Path, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    return {fault.path: fault.message for fault in refusal(path, environ).faults}


# --- the file shipped with the project ---------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> Territory:
    return load_config(ROOT / "config.yaml", {}).contracts[0]


def test_shipped_configuration_has_the_known_numbers(shipped: Territory) -> None:
    general = [item for axis in shipped.framework for item in axis.objectives]
    assert len(shipped.geography.qpv) == 8
    assert [q.population for q in shipped.geography.qpv] == [3500, 1300, 1400, 1200, 1800, 1100, 1500, 900]
    assert sum(q.population or 0 for q in shipped.geography.qpv) == 12_700
    assert (len(shipped.framework), len(general)) == (4, 11)
    assert sum(len(item.operational) for item in general) == 50
    assert shipped.geography.poches == ()


def test_shipped_configuration_keeps_official_codes_and_their_misprints(shipped: Territory) -> None:
    printed = {q.code: q.printed_as for q in shipped.geography.qpv if q.printed_as}
    assert printed == {"QN05936M": ("QM05936M",), "QN05994I": ("QN05993M",)}


def test_shipped_credits_carry_the_conditions_of_the_contract(shipped: Territory) -> None:
    conditions = {key: credit.condition for key, credit in shipped.credits.items() if credit.condition}
    assert conditions == {
        "etat:specifique": "qpv_majority",
        "region:specifique": "qpv_majority",
        "departement:droit_commun": "departement_policies",
        "epci:droit_commun": "epci_priorities",
        "epci:specifique": "epci_priorities",
    }
    assert all(c.concerns for c in shipped.credits.values() if c.nature is Nature.DROIT_COMMUN)
    assert all(body.quorum is None for body in shipped.bodies)


@pytest.mark.shared_data
def test_shipped_framework_has_the_codes_of_the_contract(shipped: Territory, shared_data: Path) -> None:
    text = (shared_data / "contrat-ccco" / "objectifs.csv").read_text(encoding="utf-8")
    known = {code for code in shipped.objective_labels if code.count(".") == 2}
    assert all(f",{code}," in text for code in known)


def test_shipped_territory_survives_the_database(shipped: Territory) -> None:
    assert Territory.model_validate(shipped.model_dump(mode="json")) == shipped


# --- files that cannot be read -----------------------------------------------------------------


def test_absent_file_names_the_two_ways_to_give_one(tmp_path: Path) -> None:
    error = refusal(tmp_path / "absent.yaml")
    assert "fichier introuvable" in str(error)
    assert "COINSTRUCTION_CONFIG" in str(error)


def test_folder_is_not_a_file(tmp_path: Path) -> None:
    assert "est un dossier" in str(refusal(tmp_path))


def test_file_not_in_utf8_gives_the_line(written: Callable[[object], Path]) -> None:
    error = refusal(written("deployment: {}\nlabel: é\n".encode("cp1252")))
    assert error.faults[0].line == 2
    assert "UTF-8" in str(error)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("deployment:\n\tsmtp: {}\n", 2, "tabulation"),
        ("a: [1, 2\nb: 3\n", 2, "crochet"),
        ("a: b: c\n", 1, "« : » inattendu"),
        ("a: *ailleurs\n", 1, "renvoi"),
        ("a: !!python/object:os.system x\n", 1, "étiquette YAML"),
        ("a: 1\n---\nb: 2\n", 2, "plusieurs documents"),
    ],
)
def test_yaml_syntax_gives_the_line(
    written: Callable[[object], Path], text: str, line: int, words: str
) -> None:
    fault = refusal(written(text)).faults[0]
    assert fault.line == line
    assert words in fault.message


def test_repeated_keys_are_all_refused(written: Callable[[object], Path]) -> None:
    error = refusal(written("deployment:\n  smtp: {port: 1, port: 2}\ndeployment: {}\n"))
    assert [fault.path for fault in error.faults] == ["deployment.smtp.port", "deployment"]
    assert "deux fois" in error.faults[0].message


@pytest.mark.parametrize("text", ["", "# rien\n"])
def test_empty_file(written: Callable[[object], Path], text: str) -> None:
    assert "vide" in str(refusal(written(text)))


def test_list_instead_of_sections(written: Callable[[object], Path]) -> None:
    assert "sections" in str(refusal(written("- a\n- b\n")))


def test_missing_contracts_and_unknown_section_are_told_together(written: Callable[[object], Path]) -> None:
    found = faults(written("deployement: {}\n"))
    assert "section absente" in found["contracts"]
    assert "« deployment »" in found["deployement"]


def test_loops_and_deep_nesting_end_in_a_sentence(written: Callable[[object], Path]) -> None:
    assert refusal(written("contracts: &a [*a]\n")).faults
    assert "trop profonde" in str(refusal(written("a: " + "[" * 5000)))


@pytest.mark.parametrize(
    "contracts", ["[null]", "[3]", "{a: 1}", "x", "[[]]", "[{file: 3}]", "[{file: a, b: 1}]"]
)
def test_contracts_of_the_wrong_form(written: Callable[[object], Path], contracts: str) -> None:
    assert all(path.startswith("contracts") for path in faults(written(f"contracts: {contracts}")))


# --- keys --------------------------------------------------------------------------------------


def test_every_fault_at_once_with_its_path(written: Callable[[object], Path]) -> None:
    broken = toy_settings() | {"opinion_day": 12, "pilot": "ecpi"}
    broken["geography"]["qpv"][1]["code"] = "QM05902M"
    broken["envelopes"][0]["amount"] = -5
    broken["framework"][0]["objectives"][0]["operational"][0]["code"] = "7.1.1"
    found = faults(written({"deployment": {"smtp": {"prot": 25}}, "contracts": [broken]}))
    assert "« port »" in found["deployment.smtp.prot"]
    assert "« opinion_days »" in found["contracts[0].opinion_day"]
    assert "« ecpi »" in found["contracts[0].pilot"]
    assert "QN05934M" in found["contracts[0].geography.qpv[1].code"]
    assert "au moins 0" in found["contracts[0].envelopes[0].amount"]
    assert "l’axe 7" in found["contracts[0].framework[0].objectives[0].operational[0].code"]
    assert len(found) == 6


def test_fault_gives_the_line_of_its_key(written: Callable[[object], Path]) -> None:
    error = refusal(written("contracts: []\ndeployment:\n  smtp:\n    port: zéro\n"))
    assert error.faults[-1].line == 4
    assert "ligne 4, deployment.smtp.port\u00a0: doit être un nombre entier (lu\u00a0: zéro)" in str(error)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("2026-02-30", "inexistante"),
        ("hier", "date illisible"),
        ("2026-01-01 10:30:00", "sans heure"),
        ("", "vide"),
    ],
)
def test_dates(written: Callable[[object], Path], value: str, words: str) -> None:
    text = yaml.safe_dump(settings(), allow_unicode=True).replace("'2024-01-01'", value)
    assert words in faults(written(text))["contracts[0].starts_on"]


def test_numbers_without_quotes_are_explained(written: Callable[[object], Path]) -> None:
    text = yaml.safe_dump(settings(), allow_unicode=True).replace("insee: '59901'", "insee: 59901")
    assert "guillemets" in faults(written(text))["contracts[0].geography.communes[0].insee"]


def test_amounts_keep_their_cents(written: Callable[[object], Path]) -> None:
    changed = toy_settings()
    changed["envelopes"][0]["amount"] = 10.555
    found = faults(written({"contracts": [changed]}))
    assert "deux décimales" in found["contracts[0].envelopes[0].amount"]


def test_words_outside_a_list_of_choices(written: Callable[[object], Path]) -> None:
    found = faults(written(settings({"environment": "prod"})))
    assert "development, production, demo (lu : prod)" in found["deployment.environment"]


@pytest.mark.parametrize(
    ("deployment", "path", "words"),
    [
        ({"database_url": "mysql://x"}, "deployment.database_url", "sqlite:///"),
        ({"base_address": "exemple.fr"}, "deployment.base_address", "adresse web complète"),
        ({"smtp": {"tls": True, "starttls": True}}, "deployment.smtp", "s’excluent"),
        ({"smtp": {"port": 70000}}, "deployment.smtp.port", "au plus 65535"),
        ({"smtp": {"sender": "moi"}}, "deployment.smtp.sender", "expéditeur"),
        ({"smtp": "localhost"}, "deployment.smtp", "bloc de clés"),
        ({"smtp": {"password_file": "absent"}}, "deployment.smtp.password_file", "introuvable"),
        ({"openid": [OPENID | {"issuer": "http://identite.fr"}]}, "deployment.openid[0].issuer", "https"),
        ({"openid": [OPENID | {"secret_file": "absent"}]}, "deployment.openid[0].secret_file", "introuvable"),
        ({"openid": [OPENID | {"scopes": []}]}, "deployment.openid[0].scopes", "au moins"),
        ({"openid": [OPENID, OPENID]}, "deployment", "même code"),
        (
            {"environment": "production", "redirect_all_mail_to": "a@b.fr"},
            "deployment",
            "redirect_all_mail_to est refusé",
        ),
    ],
)
def test_deployment(
    written: Callable[[object], Path], deployment: dict[str, Any], path: str, words: str
) -> None:
    assert words in faults(written(settings(deployment)))[path]


def test_secrets_are_refused_in_the_file_and_never_repeated(written: Callable[[object], Path]) -> None:
    secrets = {"database_url": f"postgresql://u:{SECRET}@h/b", "smtp": {"password": SECRET}}
    error = refusal(written(settings(secrets)))
    assert [f.path for f in error.faults] == ["deployment.database_url", "deployment.smtp.password"]
    assert SECRET not in str(error)
    error = refusal(written(settings({"openid": [OPENID | {"client_secret": SECRET}]})))
    assert [f.path for f in error.faults] == ["deployment.openid[0].client_secret"]
    assert "COINSTRUCTION_OPENID_SECRET_" in str(error) and SECRET not in str(error)


# --- several contracts, and contracts in files of their own -------------------------------------


def test_contract_in_its_own_file(written: Callable[[object], Path], tmp_path: Path) -> None:
    (tmp_path / "valmont.yaml").write_text(yaml.safe_dump(toy_settings()), encoding="utf-8")
    config = load_config(written({"contracts": [{"file": "valmont.yaml"}]}), {})
    assert config.contract("valmont").pilot == "epci"


def test_fault_in_a_contract_file_names_the_file(written: Callable[[object], Path], tmp_path: Path) -> None:
    (tmp_path / "valmont.yaml").write_text(yaml.safe_dump(toy_settings() | {"pilot": "x"}), encoding="utf-8")
    found = faults(written({"contracts": [{"file": "valmont.yaml"}, {"file": "absent.yaml"}]}))
    assert "(fichier valmont.yaml)" in found["contracts[0].pilot"]
    assert "introuvable" in found["contracts[1].file"]
    assert len(found) == 2


def test_two_contracts_of_one_code(written: Callable[[object], Path]) -> None:
    found = faults(written({"contracts": [toy_settings(), toy_settings()]}))
    assert found == {"contracts[1].code": "le contrat « valmont » est déjà donné par contracts[0]"}


# --- the environment ---------------------------------------------------------------------------


def load(path: Path, **environ: str) -> Config:
    return load_config(path, {f"COINSTRUCTION_{name}": value for name, value in environ.items()})


def test_environment_wins_over_the_file(written: Callable[[object], Path]) -> None:
    path = written(settings({"database_url": "sqlite:///a.db", "smtp": {"host": "a", "port": 1}}))
    config = load(path, DATABASE_URL="sqlite:///b.db", SMTP__HOST="b", SMTP_PASSWORD=SECRET)
    assert config.deployment.database_url == "sqlite:///b.db"
    assert (config.deployment.smtp.host, config.deployment.smtp.port) == ("b", 1)
    assert config.smtp_password is not None
    assert config.smtp_password.get_secret_value() == SECRET
    assert SECRET not in repr(config)


def test_environment_names_the_file(written: Callable[[object], Path]) -> None:
    path = written(settings())
    assert load_config(None, {"COINSTRUCTION_CONFIG": str(path)}).source == path
    assert "COINSTRUCTION_CONFIG" in str(refusal(None, {"COINSTRUCTION_CONFIG": str(path) + ".absent"}))


def test_fault_of_a_variable_names_the_variable(written: Callable[[object], Path]) -> None:
    found = faults(written(settings()), {"COINSTRUCTION_SMTP__PORT": "abc"})
    assert found.keys() == {"COINSTRUCTION_SMTP__PORT"}


def test_unknown_variable_is_kept_for_the_doctor(written: Callable[[object], Path]) -> None:
    assert load(written(settings()), SMTP_HOST="x").ignored_variables == ("COINSTRUCTION_SMTP_HOST",)


def test_password_file(written: Callable[[object], Path], tmp_path: Path) -> None:
    (tmp_path / "mdp").write_text(f"{SECRET}\n", encoding="utf-8")
    config = load_config(written(settings({"smtp": {"password_file": "mdp"}})), {})
    assert config.smtp_password is not None
    assert config.smtp_password.get_secret_value() == SECRET


def test_secret_of_an_openid_provider(written: Callable[[object], Path], tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("du fichier\n", encoding="utf-8")
    path = written(settings({"openid": [OPENID | {"secret_file": "secret"}]}))
    assert load(path).openid_secret("pro-connect") == "du fichier"
    config = load(path, OPENID_SECRET_PRO_CONNECT=SECRET)
    assert config.openid_secret("pro-connect") == SECRET
    assert config.ignored_variables == ()
    assert SECRET not in repr(config)
    assert load(written(settings({"openid": [OPENID]}))).openid_secret("pro-connect") is None
