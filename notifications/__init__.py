# SPDX-License-Identifier: EUPL-1.2
"""What leaves: catalogue, rendering, calendar invitations, outbox, SMTP. Reads events; never changes a dossier."""
