"""Texts by the dictionaries of their files are the texts of the rows, whoever wrote the files."""

from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from processing.text_columns import TextColumns

PIECES = (["b", None, "a", "b"] * 3, [None] * 4, [], ["c", "b", ""] * 5)


def written(folder: Path) -> list[str]:
    """By Polars in small groups, by Arrow without dictionaries and with short lengths, in turn; one without a row."""
    files = []
    for number, piece in enumerate(PIECES):
        frame = pl.DataFrame({"kind": pl.Series(piece, dtype=pl.String), "shop": [f"é{number}"] * len(piece)})
        files.append(str(folder / f"{number}.parquet"))
        if number % 2:
            frame.write_parquet(files[-1], row_group_size=2)
        else:
            schema = pa.schema({"kind": pa.string(), "shop": pa.string()})
            pq.write_table(frame.to_arrow().cast(schema), files[-1], use_dictionary=False)
    return files


def test_codes_stand_for_the_texts_of_all_rows_in_their_order(tmp_path: Path) -> None:
    files = written(tmp_path)
    coded = TextColumns(tuple(files), {"shop": "shop", "kind": "kind"}).coded()
    rows = pl.concat(pl.read_parquet(file) for file in files)
    for name, column in coded.items():
        assert column.texts.n_unique() == len(column.texts)
        assert column.texts.gather(column.codes).to_list() == rows[name].to_list()


def test_files_without_a_row_have_no_codes(tmp_path: Path) -> None:
    coded = TextColumns((written(tmp_path)[2],), {"of": "kind"}).coded()
    assert (coded["of"].codes.len(), coded["of"].texts.len()) == (0, 0)
