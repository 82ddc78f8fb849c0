# SPDX-License-Identifier: EUPL-1.2
"""The texts that several themes cite, written once."""

from rules.source import Source

CONTRAT = "Contrat de ville 2024-2030"
LOI_VILLE = Source(
    "loi", "Loi n° 2014-173 du 21 février 2014 de programmation pour la ville", "article 1er", reading="texte"
)
CIRCULAIRE_2023 = Source(
    "circulaire",
    "Circulaire du 31 août 2023 relative à l’élaboration des contrats de ville",
    "",
    "secondaire",
)
