"""Files written whole or not at all, and shipped files asked for by a wrong name."""

import os
import subprocess
import sys

import pytest

from genlab import files


def test_a_file_is_there_only_when_it_is_whole(tmp_path):
    path = tmp_path / "page.html"
    path.write_text("old")
    with files.whole(path) as part:
        part.write_text("new")
        assert part.parent == tmp_path and part.suffix == ".html" and path.read_text() == "old"
    assert path.read_text() == "new" and os.listdir(tmp_path) == ["page.html"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_block_that_fails_changes_nothing(tmp_path, error):
    path = tmp_path / "page.html"
    path.write_text("old")

    def write(target):
        with files.whole(target) as part:
            part.write_text("half")
            raise error

    for target in (path, tmp_path / "other"):
        with pytest.raises(error):
            write(target)
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["page.html"]


def test_a_block_that_writes_nothing_keeps_the_old_file(tmp_path):
    path = tmp_path / "page.html"
    path.write_text("old")
    with pytest.raises(FileNotFoundError), files.whole(path):
        pass
    assert path.read_text() == "old"


def test_places_where_nothing_can_be_written(tmp_path):
    with (
        pytest.raises(FileNotFoundError, match="there is no folder .*nowhere; make it first"),
        files.whole(tmp_path / "nowhere" / "page.html"),
    ):
        pytest.fail("the block was begun")
    with (
        pytest.raises(IsADirectoryError, match="is a folder: give the name of a file, such as .*report.html"),
        files.whole(tmp_path, example="report.html"),
    ):
        pytest.fail("the block was begun")
    assert os.listdir(tmp_path) == []


def test_a_name_that_is_not_shipped():
    for name in ("surveys.csv", "README.md", "../pyproject.toml"):
        with pytest.raises(ValueError, match=r"no data file '.*'; there are digits.npz, .*survey.csv"):
            files.read(name)


def test_the_course_is_copied_out_without_torch(tmp_path):
    code = f"import sys; from genlab import cli; cli.main(['lab', {str(tmp_path / 'course')!r}, '--no-open']); "
    code += "print(sorted({'torch', 'numpy', 'pandas'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
