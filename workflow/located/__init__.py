# SPDX-License-Identifier: EUPL-1.2
"""Who lives in which QPV: perimeters and a file of geocoded addresses in, counts out; no address is ever kept."""
