"""What archives read of the book is what CITATION.cff says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from relupool.site import citation

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("name", [".zenodo.json", "codemeta.json"])
def test_the_files_are_those_made_from_the_citation(name: str) -> None:
    made = dict(citation.archived(ROOT))[name]
    assert (ROOT / name).read_text() == made, "CITATION.cff has changed: run `python -m relupool.site.citation`"


def test_they_say_who_what_when_and_under_which_licence(tmp_path: Path) -> None:
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    cff["authors"].append({"given-names": "Ada", "family-names": "Writer"})
    (tmp_path / "CITATION.cff").write_text(yaml.safe_dump(cff))
    citation.main(str(tmp_path))
    zenodo, codemeta = (json.loads((tmp_path / name).read_text()) for name in (".zenodo.json", "codemeta.json"))
    body = cff["authors"][0]["name"]
    assert [author["name"] for author in zenodo["creators"]] == [body, "Writer, Ada"]
    assert [author["@type"] for author in codemeta["author"]] == ["Organization", "Person"]
    assert (
        (zenodo["title"], zenodo["version"])
        == (cff["title"], cff["version"])
        == (codemeta["name"], codemeta["version"])
    )
    assert zenodo["publication_date"] == codemeta["datePublished"] == str(cff["date-released"])
    assert (zenodo["license"], zenodo["upload_type"]) == ("MIT", "software")
    assert "CC-BY-4.0" in zenodo["notes"]
    assert codemeta["license"] == ["https://spdx.org/licenses/MIT", "https://spdx.org/licenses/CC-BY-4.0"]


def test_one_licence_needs_no_note(tmp_path: Path) -> None:
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text()) | {"license": "MIT"}
    (tmp_path / "CITATION.cff").write_text(yaml.safe_dump(cff))
    made = {name: json.loads(text) for name, text in citation.archived(tmp_path)}
    assert "notes" not in made[".zenodo.json"]
    assert made["codemeta.json"]["license"] == ["https://spdx.org/licenses/MIT"]
