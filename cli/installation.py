# SPDX-License-Identifier: EUPL-1.2
"""`init`, `doctor`, `backup`: the life of an installation."""

from dataclasses import asdict
from pathlib import Path

import click

from cli.command import Invocation, command


@command()
def init(cx: Invocation) -> None:
    """Crée ou met à jour la base de données et y charge la configuration.

    Peut être relancée sans crainte : rien n’est supprimé, ce qui a disparu de la configuration est clos, et refusé si
    des dossiers ouverts s’en servent.
    """
    from app.installation import describe, install

    done = install(cx.open(is_initialised=False))
    data = {
        "revision_before": done.revision_before,
        "revision": done.revision,
        "changes": [asdict(change) for change in done.changes],
    }
    cx.answer(data, lambda: describe(done))


@command()
@click.argument("file", metavar="FICHIER", type=click.Path(path_type=Path))
def backup(cx: Invocation, file: Path) -> None:
    """Sauvegarde la base dans FICHIER, pendant que le produit travaille.

    Refuse d’écraser un fichier. SQLite : copie vérifiée ; PostgreSQL : archive de pg_dump.
    """
    from app.backup import back_up

    size = back_up(cx.open(is_initialised=False).engine, file)
    cx.answer({"file": str(file), "bytes": size}, lambda: f"Sauvegarde écrite : {file} ({size} octets).")


@command()
@click.option(
    "--audit",
    is_flag=True,
    help="Vérifie aussi les chaînes du journal, leurs sceaux, et recalcule chaque décision.",
)
def doctor(cx: Invocation, audit: bool) -> None:
    """Examine la configuration et l’installation : contradictions, manques ; journal et décisions avec --audit."""
    from app.examination import examine_installation

    found = examine_installation(cx.open(is_initialised=False), audit=audit)
    marks = {"error": "✗", "warning": "!", "info": "·"}
    data = [asdict(item) for item in found]
    lines = [
        f"{marks[item.level]} {item.subject} : {item.message}" + (f" → {item.remedy}" if item.remedy else "")
        for item in found
    ]
    cx.answer(data, lambda: lines or "Rien à signaler.")
