# SPDX-License-Identifier: EUPL-1.2
"""The root of the `coinstruction` command: one table of commands, loaded by name, so that `--help` imports click only."""

import sys
from collections.abc import Sequence
from importlib import import_module

import click

from cli.command import SETTINGS, Invocation, command
from cli.french import speak_french
from cli.refusals import report

__all__ = ["COMMANDS", "Invocation", "command", "main"]

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("cli.demo:demo", "Lance tout le produit sur cette machine, avec un programme d’exemple."),
    "init": ("cli.installation:init", "Crée ou met à jour la base et y charge la configuration."),
    "doctor": ("cli.installation:doctor", "Examine l’installation et la configuration."),
    "backup": ("cli.installation:backup", "Sauvegarde la base dans un fichier."),
    "account": ("cli.accounts:account", "Comptes et mandats."),
    "serve": ("cli.serve:serve", "Sert les pages et l’interface web."),
    "worker": ("cli.worker:worker", "Planificateur, envoi des messages et travaux longs."),
    "import": ("cli.imports:import_command", "Importe un tableau de demandes ou de subventions."),
    "dossier": ("cli.renewals:dossier", "Liste, montre, instruit et fait avancer les dossiers."),
    "check": ("cli.checks:check", "Vérifie des dossiers ou un programme."),
    "seance": ("cli.seances:seance", "Séances : calendrier, convocations, ordre du jour, clôture."),
    "arbitrate": (
        "cli.arbitrate:arbitrate",
        "Propose une répartition des crédits d’une séance, et l’explique.",
    ),
    "summary": ("cli.reports:summary", "Synthèse d’arbitrage d’une séance."),
    "export": ("cli.reports:export", "Tableau de programmation, données ouvertes, calendrier."),
    "rules": ("cli.rule_catalogue:rules", "Liste les règles et leurs sources, ou en explique une."),
    "diagram": ("cli.diagram:diagram", "Le circuit du dossier, en schéma et en tableau."),
    "outbox": ("cli.outbox:outbox", "Les messages et leur état."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they run; their help lines come from the table."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names, in the table's order: the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now; None if the table does not name it."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        found = getattr(import_module(module), name)
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The help lines, without importing any command."""
        with formatter.section("Commandes"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings=SETTINGS)
@click.version_option(package_name="coinstruction", prog_name="coinstruction", help="Affiche la version.")
def root() -> None:
    """Co-instruction des demandes de financement d’un contrat de ville.

    Chaque commande accepte --config FICHIER, --contract CODE et --json après ses arguments.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code: 0 done, 1 refused, 2 usage or unreadable input."""
    speak_french()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        code = root.main(args=arguments, prog_name="coinstruction", standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 (never a traceback)
        code = report(error)
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
