# SPDX-License-Identifier: EUPL-1.2
"""The national list of QPV: read whatever its columns, refused when it is not one."""

from pathlib import Path

import pytest

from app.errors import AppError
from app.official_list import read_official_list


def test_codes_are_found_in_any_column(tmp_path: Path) -> None:
    path = tmp_path / "qpv.csv"
    path.write_text("x;code\nLe Haut;QN05901M\nLe Bas;QN02A01N\nfaux;QN1234567M\n", encoding="utf-8")

    assert read_official_list(path) == ["QN02A01N", "QN05901M"]


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a;b\n1;2\n", encoding="utf-8")

    with pytest.raises(AppError, match="aucun code de QPV"):
        read_official_list(path)
    with pytest.raises(AppError, match="introuvable"):
        read_official_list(tmp_path / "absent.csv")


@pytest.mark.shared_data
def test_national_list_is_whole(shared_data: Path) -> None:
    assert len(read_official_list(shared_data / "qpv-2024" / "qpv2024_liste.csv")) == 1584
