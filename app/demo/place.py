# SPDX-License-Identifier: EUPL-1.2
"""The demonstration on this machine: its folder, its configuration, its database built once and kept between runs."""

import fcntl
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from app.bootstrap import Application
from app.config import Config, load_config
from app.demo.build import build_demo
from app.demo.files import demo_file
from app.deployment import Deployment, Smtp
from app.errors import AppError
from app.installation import install
from app.logs import configure_logs
from app.schema import check_schema
from workflow.db import make_engine
from workflow.models import Seance

FOLDER = Path("var/demo")
NEEDED_BODIES = frozenset({"repartition", "conference", "comite-engagement"})
SENDER = "Co-instruction (démonstration) <coinstruction@demo.invalid>"


@dataclass(frozen=True, slots=True)
class DemoPlace:
    """Where everything of one demonstration is kept."""

    folder: Path = FOLDER

    @property
    def database(self) -> Path:
        """The database, there only once it is complete."""
        return self.folder.absolute() / "coinstruction.db"

    @property
    def mailbox(self) -> Path:
        """The messages received by the demonstration's mail server."""
        return self.folder.absolute() / "mailbox"

    def forget(self) -> None:
        """Starts over: no database, no message. Raises AppError when the folder cannot be emptied."""
        try:
            for path in (*self.folder.glob("*.db*"), *self.mailbox.glob("*.eml")):
                path.unlink(missing_ok=True)
        except OSError as error:
            raise AppError(f"l’ancienne démonstration ne peut pas être effacée : {error}") from error

    def make(self) -> None:
        """The folder. Raises AppError."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise AppError(
                f"le dossier {self.folder} ne peut pas être créé ({error.strerror}) : placez-vous dans un dossier à vous"
            ) from error


@contextmanager
def held(place: DemoPlace) -> Iterator[None]:
    """One demonstration at a time in one folder: a second would share, or erase, the first one's data. Raises AppError."""
    with (place.folder / "en-cours").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AppError(
                f"une démonstration tourne déjà dans {place.folder} : arrêtez-la, ou lancez celle-ci depuis un autre dossier"
            ) from error
        yield


def listen(port: int) -> socket.socket:
    """The address people open, taken before anything else is done. Raises AppError when the port is in use."""
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind(("127.0.0.1", port))
        taken.listen(128)
    except OSError as error:
        taken.close()
        if isinstance(error, PermissionError):
            raise AppError(
                f"le port {port} est réservé au système : essayez « --port 8000 » ou plus"
            ) from error
        raise AppError(
            f"le port {port} est déjà pris sur cette machine, peut-être par une autre démonstration : "
            f"arrêtez-la, ou choisissez un autre port, par exemple « --port {port + 1 if port < 65535 else 8000} »"
        ) from error
    return taken


def demo_config(path: Path | None, database: Path, web_port: int, mail_port: int) -> Config:
    """The sample contract (or `path`), deployed on this machine only: the environment changes nothing here."""
    config = load_config(path or demo_file("config.yaml"), {})
    bodies = {body.code for body in config.contracts[0].bodies}
    if len(config.contracts) > 1 or not bodies >= NEEDED_BODIES:
        raise AppError(
            "la démonstration raconte la vie du contrat d’exemple : cette configuration n’a pas les mêmes instances. "
            "Relancez sans --config"
        )
    deployment = Deployment(
        database_url=f"sqlite:///{database}",
        base_address=f"http://127.0.0.1:{web_port}",
        environment="demo",
        smtp=Smtp(host="127.0.0.1", port=mail_port, sender=SENDER),
    )
    return config.model_copy(update={"deployment": deployment})


def open_demo(
    place: DemoPlace, config: Config, tell: Callable[[str], None], now: datetime | None = None
) -> Application:
    """The application on the demonstration's database, built first if it is not there yet."""
    configure_logs("text")
    if not place.database.exists():
        tell("Préparation de la démonstration (quelques secondes)…")
        _build(place, config, now or datetime.now(UTC))
    engine = make_engine(config.deployment.database_url)
    check_schema(engine)
    return Application(config, engine)


def _build(place: DemoPlace, config: Config, now: datetime) -> None:
    """Built under another name and renamed when complete: interrupted, it starts over at the next run."""
    draft = place.database.with_suffix(".draft.db")
    for path in draft.parent.glob(f"{draft.name}*"):
        path.unlink()
    engine = make_engine(f"sqlite:///{draft}", synchronous="OFF")  # nothing to lose yet
    application = Application(config, engine)
    try:
        install(application)
        with application.write() as db:
            build_demo(db, now, config.deployment.base_address)
    finally:
        application.close()
    draft.replace(place.database)
    for path in draft.parent.glob(f"{draft.name}-*"):
        with suppress(OSError):
            path.unlink()


def is_stale(application: Application) -> bool:
    """True when no committee convoked is ahead any more."""
    with application.read() as db:
        ahead = select(Seance.id).where(
            Seance.body == "comite-engagement", Seance.starts_at > application.now()
        )
        return db.scalar(ahead.limit(1)) is None
