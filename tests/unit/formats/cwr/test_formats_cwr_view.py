"""The view: what stands in the file stands on the screen, marks under what is wrong, nothing that a terminal obeys."""

from hypothesis import given
from hypothesis import strategies as st

from cantoria.formats.cwr.records import Record, Stray, Transaction
from cantoria.formats.cwr.view import GUTTER_CHARS, STYLES, markup, plain, safe, view, width
from cantoria.testing.cwr_files import file_bytes


def test_every_line_is_shown_with_its_number_and_in_colours(read) -> None:
    data = file_bytes("2.2", seed=1, count=1, full=True)
    shown = [line for item in read(data) for line in view(item)]
    lines = data.decode().split("\r\n")[:-1]
    assert [plain(line) for line in shown] == [f"{number:>7} {line}" for number, line in enumerate(lines, 1)]
    title = shown[2]
    assert [span.style for span in title[:5]] == ["line", "type", "sequence", "even", "odd"]
    assert all(style in STYLES.values() for line in shown for _, style in markup(line))


def test_marks_stand_under_the_field(read) -> None:
    data = file_bytes("2.1", seed=1, count=1).decode()
    place = data.index("I2136") + 1
    column = place - data.rindex("\n", 0, place) - 1
    shown = [line for item in read(data.replace("I2136", "I9999", 1)) for line in view(item)]
    marked = next(index for index, line in enumerate(shown) if line[-1].style == "mark")
    assert plain(shown[marked]) == " " * (GUTTER_CHARS + column) + "^^^^"
    assert plain(shown[marked - 1])[GUTTER_CHARS + column :][:4] == "9999"
    assert "fault" in [span.style for span in shown[marked - 1]]
    assert plain(shown[marked + 1]).strip().startswith("error T lookup: tis_numeric_code '9999' is not in the table")


def test_what_was_cut_off_is_marked_where_it_should_stand(read) -> None:
    lines = file_bytes("2.1", seed=1, count=1).decode().split("\r\n")
    lines[2] = lines[2][:60]
    shown = [line for item in read("\r\n".join(lines)) for line in view(item)]
    marks = [plain(line) for line in shown if line[-1].style == "mark"]
    assert " " * (GUTTER_CHARS + 81) + "^" in marks


def test_findings_of_no_shown_record_stand_at_the_end(read) -> None:
    items = read(file_bytes("2.1", seed=1, count=1).rpartition(b"TRL")[0])
    assert [plain(line).strip()[:24] for line in view(items[-1])] == ["warning E no-trailer: th"]


@given(st.text())
def test_nothing_that_a_terminal_obeys_passes(text: str) -> None:
    assert safe(text).isprintable()
    assert len(safe(text)) == len(text)
    record = Record(text[:3], 1, text, None)
    assert all(plain(line).isprintable() for line in view(Stray(record)))
    assert all(plain(line).isprintable() for line in view(Transaction("NWR", 1, "2.1", (record,))))


def test_control_characters_have_signs_of_their_own() -> None:
    assert safe("a\x1b[2J\x7f\u202eb\xa0c") == "a\u241b[2J\u2421\ufffdb c"
    assert (width("abc"), width("한글"), width("e\u0301")) == (3, 4, 1)
