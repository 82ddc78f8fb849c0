# SPDX-License-Identifier: EUPL-1.2
"""A request written by its porteur, step by step: begun, saved, copied from last year, filed, and reported on."""
