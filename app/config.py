# SPDX-License-Identifier: EUPL-1.2
"""The only reader of `config.yaml` and of the environment: a strict `Config`, or every fault in French."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import Field, PrivateAttr, SecretStr, ValidationError

from app.config_file import ConfigurationFile, Location, read_file
from app.deployment import Deployment, OpenidProvider, Smtp
from app.errors import ConfigurationError, ConfigurationFault
from app.french_faults import french_faults
from workflow.territory import Strict, Territory
from workflow.territory_checks import Fault, dotted

PREFIX = "COINSTRUCTION_"
CONFIG_VARIABLE = "COINSTRUCTION_CONFIG"
PASSWORD_VARIABLE = "COINSTRUCTION_SMTP_PASSWORD"  # noqa: S105 - the name of the variable, not a password
OPENID_SECRET_PREFIX = "COINSTRUCTION_OPENID_SECRET_"  # noqa: S105 - the same; then the provider's code in capitals
DEFAULT_FILE = Path("config.yaml")
SETTABLE = {(key,) for key in Deployment.model_fields if key not in ("smtp", "openid")} | {
    ("smtp", key) for key in Smtp.model_fields
}
SECRET_KEYS = frozenset({"password", "mot_de_passe", "secret", "token", "client_secret"})


class Config(Strict):
    """The whole configuration: one deployment, one or several contracts."""

    deployment: Deployment = Deployment()
    contracts: Annotated[tuple[Territory, ...], Field(min_length=1)]

    _source: Path = PrivateAttr(default=DEFAULT_FILE)
    _smtp_password: SecretStr | None = PrivateAttr(default=None)
    _openid_secrets: Mapping[str, SecretStr] = PrivateAttr(default_factory=dict)
    _ignored_variables: tuple[str, ...] = PrivateAttr(default=())

    def read_from(
        self,
        source: Path,
        password: SecretStr | None,
        ignored: tuple[str, ...] = (),
        openid_secrets: Mapping[str, SecretStr] | None = None,
    ) -> Self:
        """This configuration, with where it came from and what the environment said besides."""
        self._source, self._smtp_password, self._ignored_variables = source, password, ignored
        self._openid_secrets = openid_secrets or {}
        return self

    @property
    def source(self) -> Path:
        """The file this configuration was read from."""
        return self._source

    @property
    def smtp_password(self) -> SecretStr | None:
        """The mail server's password, from the environment or `password_file`."""
        return self._smtp_password

    def openid_secret(self, code: str) -> str | None:
        """The client secret of this provider, from the environment or its `secret_file`."""
        found = self._openid_secrets.get(code)
        return found.get_secret_value() if found else None

    @property
    def ignored_variables(self) -> tuple[str, ...]:
        """Environment variables that look like ours and name no key."""
        return self._ignored_variables

    def beside(self, name: str) -> Path:
        """A file named in the configuration: relative names are read beside it."""
        return self._source.parent / name

    def contract(self, code: str) -> Territory:
        """The contract of this code. Raises KeyError."""
        return {territory.code: territory for territory in self.contracts}[code]


def load_config(path: Path | None, environ: Mapping[str, str]) -> Config:
    """The configuration of `path`, else COINSTRUCTION_CONFIG, else `config.yaml`; variables win.

    Raises ConfigurationError with every fault found.
    """
    named = environ.get(CONFIG_VARIABLE, "").strip()
    asked_by = "" if path else (CONFIG_VARIABLE if named else "")
    main = read_file(path or Path(named or DEFAULT_FILE), asked_by=asked_by)
    return _Reading(main, environ).config()


class _Reading:
    """One reading: the values being put together, and where each came from."""

    def __init__(self, main: ConfigurationFile, environ: Mapping[str, str]) -> None:
        self.main = main
        self.environ = environ
        self.files: dict[int, ConfigurationFile] = {}  # contracts read from a file of their own, by rank
        self.variables: dict[Location, str] = {}
        self.ignored: list[str] = []
        self.faults: list[ConfigurationFault] = []
        self.told: set[Location] = set()  # places already refused, of which the models need say nothing

    def config(self) -> Config:
        values = self._sections()
        self._refuse_secrets(values.get("deployment"))
        deployment = values["deployment"] = self._with_variables(values.get("deployment"))
        values["contracts"] = self._contracts(values.get("contracts"))
        config = self._validated(values)
        password = self._password(deployment)
        secrets = {} if config is None else dict(self._openid_secrets(config.deployment.openid))
        if self.faults or config is None:
            raise ConfigurationError(str(self.main.path), self._in_order())
        return config.read_from(self.main.path, password, tuple(self.ignored), secrets)

    def _in_order(self) -> list[ConfigurationFault]:
        """In the order of the file; a contract's own file has lines of its own and keeps the order found."""
        if self.files:
            return self.faults
        return sorted(self.faults, key=lambda fault: fault.line or 0)

    def _sections(self) -> dict[str, Any]:
        values = self.main.values
        if values is None:
            self._stop("le fichier est vide : il faut au moins une section « contracts »")
        if not isinstance(values, dict):
            self._stop("le fichier doit contenir les sections « deployment » et « contracts »")
        if values.get("contracts") in (None, []):
            self.faults.append(
                ConfigurationFault(
                    "contracts", "section absente ou vide : décrire au moins un contrat de ville"
                )
            )
            values = {key: value for key, value in values.items() if key != "contracts"}
            self.told.add(("contracts",))
        return dict(values)

    def _stop(self, message: str) -> None:
        raise ConfigurationError(str(self.main.path), [ConfigurationFault("", message)])

    def _add(self, location: Location, message: str) -> None:
        variable = self.variables.get(location)
        if variable:
            self.faults.append(ConfigurationFault(variable, f"{message} (variable d’environnement)"))
            return
        rank = location[1] if len(location) > 1 and location[0] == "contracts" else None
        file = self.files.get(rank) if isinstance(rank, int) else None
        if file:
            message = f"{message} (fichier {file.path.name})"
        line = self._line(file.lines, location[2:]) if file else self._line(self.main.lines, location)
        self.faults.append(ConfigurationFault(dotted(location), message, line))

    @staticmethod
    def _line(lines: Mapping[Location, int], location: Location) -> int | None:
        """The line of the key, else of the nearest block above it."""
        while location and location not in lines:
            location = location[:-1]
        return lines.get(location) if location else None

    def _refuse_secrets(self, deployment: object) -> None:
        """No secret in the file: it is shared, copied, committed."""
        if not isinstance(deployment, dict):
            return
        url = deployment.get("database_url")
        if isinstance(url, str) and _has_password(url):
            text = "mot de passe dans le fichier : donner cette adresse par COINSTRUCTION_DATABASE_URL"
            self._add(("deployment", "database_url"), text)
        smtp = deployment.get("smtp")
        for key in SECRET_KEYS.intersection(smtp if isinstance(smtp, dict) else ()):
            text = f"jamais de secret dans le fichier : {PASSWORD_VARIABLE}, ou smtp.password_file"
            self._add(("deployment", "smtp", key), text)
        providers = deployment.get("openid")
        for rank, provider in enumerate(providers if isinstance(providers, list) else ()):
            for key in SECRET_KEYS.intersection(provider if isinstance(provider, dict) else ()):
                text = f"jamais de secret dans le fichier : {OPENID_SECRET_PREFIX}CODE, ou secret_file"
                self._add(("deployment", "openid", rank, key), text)

    def _with_variables(self, deployment: object) -> Any:
        """The deployment with the environment's values over the file's."""
        if deployment is None:
            deployment = {}
        if not isinstance(deployment, dict):
            return deployment
        merged = {key: value for key, value in deployment.items() if value is not None}
        if isinstance(merged.get("smtp"), dict):
            merged["smtp"] = {key: value for key, value in merged["smtp"].items() if key not in SECRET_KEYS}
        for name, keys in self._own_variables():
            target = merged
            for key in keys[:-1]:
                if not isinstance(target.get(key), dict):
                    target[key] = {}
                target = target[key]
            target[keys[-1]] = self.environ[name]
            self.variables["deployment", *keys] = name
        return merged

    def _own_variables(self) -> Iterator[tuple[str, list[str]]]:
        """Our variables that name a key of the deployment; the others are kept for `doctor`."""
        for name in sorted(self.environ):
            if not name.startswith(PREFIX) or name in (CONFIG_VARIABLE, PASSWORD_VARIABLE):
                continue
            if name.startswith(OPENID_SECRET_PREFIX):
                continue
            keys = name.removeprefix(PREFIX).lower().split("__")
            if tuple(keys) in SETTABLE:
                yield name, keys
            else:
                self.ignored.append(name)

    def _contracts(self, contracts: object) -> Any:
        """Each contract, read from its own file when it says `file:`."""
        if not isinstance(contracts, list):
            return contracts
        return [self._contract(rank, item) for rank, item in enumerate(contracts)]

    def _contract(self, rank: int, item: object) -> object:
        if not isinstance(item, dict) or "file" not in item:
            return item
        name = item["file"]
        if len(item) > 1 or not isinstance(name, str):
            self._add(("contracts", rank, "file"), "« file » va seul, avec le nom d’un fichier YAML")
            self.told.add(("contracts", rank))
            return None
        try:
            read = read_file(self.main.path.parent / name, asked_by=f"contracts[{rank}].file")
        except ConfigurationError as error:
            for fault in error.faults:
                where = f"contracts[{rank}].{fault.path or 'file'}"
                text = f"{name} : {fault.message}"
                self.faults.append(ConfigurationFault(where, text, fault.line))
            self.told.add(("contracts", rank))
            return None
        self.files[rank] = read
        if read.values is None:
            self._add(("contracts", rank), "fichier vide")
            self.told.add(("contracts", rank))
        return read.values

    def _validated(self, values: dict[str, Any]) -> Config | None:
        """The models' answer, and the faults between contracts; one already refused is not reported twice."""
        contracts = values.get("contracts")
        for location, message in _repeated_contracts(contracts):
            self._add(location, message)
        told = {fault.path for fault in self.faults}
        try:
            return Config.model_validate(values)
        except ValidationError as error:
            for location, message in french_faults(error, Config):
                if location not in self.told and dotted(location) not in told:
                    self._add(location, message)
            return None
        except RecursionError:
            self._stop("imbrication trop profonde")
        return None

    def _password(self, deployment: object) -> SecretStr | None:
        """The mail password: the variable, else the file named in smtp.password_file."""
        given = self.environ.get(PASSWORD_VARIABLE)
        if given:
            return SecretStr(given)
        smtp = deployment.get("smtp") if isinstance(deployment, dict) else None
        name = smtp.get("password_file") if isinstance(smtp, dict) else None
        if not isinstance(name, str):
            return None
        try:
            return SecretStr((self.main.path.parent / name).read_text(encoding="utf-8").strip())
        except (OSError, UnicodeDecodeError):
            self._add(("deployment", "smtp", "password_file"), f"fichier introuvable ou illisible : {name}")
            return None

    def _openid_secrets(self, providers: Iterable[OpenidProvider]) -> Iterator[tuple[str, SecretStr]]:
        """Each provider's client secret: the variable, else the file named in its secret_file."""
        for rank, provider in enumerate(providers):
            given = self.environ.get(secret_variable(provider.code), "")
            if not given and provider.secret_file is not None:
                try:
                    path = self.main.path.parent / provider.secret_file
                    given = path.read_text(encoding="utf-8").strip()
                except (OSError, UnicodeDecodeError):
                    text = f"fichier introuvable ou illisible : {provider.secret_file}"
                    self._add(("deployment", "openid", rank, "secret_file"), text)
            if given:
                yield provider.code, SecretStr(given)


def secret_variable(code: str) -> str:
    """The variable that holds the client secret of this provider: « proconnect » → COINSTRUCTION_OPENID_SECRET_PROCONNECT."""
    return OPENID_SECRET_PREFIX + code.upper().replace("-", "_")


def _has_password(url: str) -> bool:
    try:
        return urlsplit(url).password is not None
    except ValueError:
        return False


def _repeated_contracts(contracts: object) -> Iterator[Fault]:
    first: dict[object, int] = {}
    for rank, item in enumerate(contracts if isinstance(contracts, list) else ()):
        code = item.get("code") if isinstance(item, dict) else None
        if not isinstance(code, str):
            continue
        if code in first:
            yield (
                ("contracts", rank, "code"),
                f"le contrat « {code} » est déjà donné par contracts[{first[code]}]",
            )
        first.setdefault(code, rank)
