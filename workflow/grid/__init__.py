# SPDX-License-Identifier: EUPL-1.2
"""The round table as one grid: rows are the dossiers of a conference, columns the credits that its financers hold."""
