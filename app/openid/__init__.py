# SPDX-License-Identifier: EUPL-1.2
"""Signing in by OpenID Connect: the provider's addresses and keys, the sign-in itself, the sign-out."""
