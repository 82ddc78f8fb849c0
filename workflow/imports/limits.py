# SPDX-License-Identifier: EUPL-1.2
"""How much a file may hold before it is refused: generous for real work, small enough for one machine's memory."""

MAX_COLUMNS = 1_000
MAX_ROWS = 200_000  # of a workbook, read whole; a CSV or Parquet file is streamed
MAX_CELLS = 4_000_000  # of a workbook: rows × columns of the occupied rectangle
MAX_CELL = 100_000  # characters; a spreadsheet itself stops at 32,767
MAX_LINE = 2_000_000  # characters of one physical line of a CSV file
MAX_CSV_BYTES = 500_000_000
MAX_ARCHIVE_BYTES = 100_000_000  # of an XLSX or ODS file, as it is on disk
MAX_PART_BYTES = 200_000_000  # of all the parts of an XLSX or ODS file, once uncompressed
MAX_PARTS = 2_000
MAX_RATIO = 250  # uncompressed ÷ compressed, for a part above RATIO_FROM
RATIO_FROM = 5_000_000
MAX_CHANGES = 2_000  # rows whose changes are told one by one
MAX_FAULTS = 100_000  # beyond, the file is not the one that was meant
