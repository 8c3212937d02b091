"""What the pages show works: snippets run as printed, in order, in one empty folder per page; links lead somewhere.

- ```console blocks: each `$ ` line runs, in bash where it needs one; lines below it are its expected output, in which
  `…` stands for anything. Output that is not shown is not compared. A command that fails on purpose is followed by
  `[exit 3]`.
- ```python blocks run one after the other in one namespace.
- ```csv file=NAME (any language) blocks are written to that file.
- `<!-- continues PAGE until ## HEADING -->`: the page begins in the folder as that page left it before that heading.
- `<!-- brings FILE -->`: a copy of this file of the repository lies in the folder.
- ```sh and unnamed blocks are shown only: what needs a network, a server or a whole checkout.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.e2e.shell import run_here

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "spec").rglob("*.md")])
FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)\s]+)\)|!\[[^\]]*\]\((?P<picture>[^)\s]+)\)")
SHELL = frozenset("$`|&;<>*?#~(){}!")
READ = re.compile(r"\$\(cat (\S+)\)")
CONTINUES = re.compile(r"^<!-- continues (?P<page>\S+) until (?P<heading>## .+) -->$", re.MULTILINE)
BRINGS = re.compile(r"^<!-- brings (?P<file>\S+) -->$", re.MULTILINE)
EXIT = re.compile(r"\[exit (\d+)\]")


@dataclass
class Command:
    """One `$ ` line with the output and exit code that the page shows."""

    line: str
    shown: list[str] = field(default_factory=list)
    code: int = 0


def blocks(text: str) -> Iterator[tuple[str, str]]:
    for match in FENCE.finditer(text):
        yield match["info"].strip(), match["body"]


def commands(body: str) -> list[Command]:
    found: list[Command] = []
    for line in body.splitlines():
        if line.startswith("$ "):
            found.append(Command(line[2:]))
        elif found and found[-1].line.endswith("\\"):
            found[-1].line += "\n" + line
        elif found and (exit_code := EXIT.fullmatch(line.strip())):
            found[-1].code = int(exit_code[1])
        elif found and line.strip():
            found[-1].shown.append(line.rstrip())
        else:
            assert not line.strip(), f"a console block begins with a command: {line!r}"
    return found


def run(command: Command, *, folder: Path) -> None:
    # Starting Python costs most of the time: lines that need no shell run right here.
    line = READ.sub(lambda match: (folder / match[1]).read_text("utf-8").strip(), command.line.replace("\\\n", " "))
    line, _, target = line.partition(" > ")
    if line.startswith("cantoria ") and SHELL.isdisjoint(line + target):
        done = run_here(*shlex.split(line)[1:], cwd=folder, together=not target)
        if target:
            (folder / target).write_text(done.out, "utf-8")
        compare(command, code=done.code, printed=done.err if target else done.out)
        return
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CANTORIA_")}
    environment |= {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "TERM": "dumb",
    }
    ran = subprocess.run(
        ["bash", "-uo", "pipefail", "-c", command.line],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    compare(command, code=ran.returncode, printed=ran.stdout)


def compare(command: Command, *, code: int, printed: str) -> None:
    assert code == command.code, f"$ {command.line}\n{printed}"
    lines = iter([line.rstrip() for line in printed.splitlines()])
    for shown in command.shown:
        if shown.strip() == "…":
            continue
        pattern = re.compile(".*".join(re.escape(part) for part in shown.split("…")))
        assert any(pattern.fullmatch(line) for line in lines), f"$ {command.line}\nnot shown: {shown}\n{printed}"


def has_snippets(page: Path) -> bool:
    return any(info.split(" ")[0] in {"console", "python"} for info, _ in blocks(page.read_text("utf-8")))


def play(text: str, *, folder: Path, name: str) -> None:
    """Do in `folder` what the blocks of a page say."""
    namespace: dict[str, object] = {"__name__": name}
    for info, body in blocks(text):
        language, _, rest = info.partition(" ")
        if rest.startswith("file="):
            (folder / rest.removeprefix("file=")).write_text(body, "utf-8")
        elif language == "console":
            for command in commands(body):
                run(command, folder=folder)
        elif language == "python":
            exec(compile(body, name, "exec"), namespace)


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path, str], Path]:
    """Return the folder as a page left it before one of its headings; each is made once."""
    made: dict[tuple[Path, str], Path] = {}

    def begin(page: Path, heading: str) -> Path:
        if (page, heading) not in made:
            text, found, _ = page.read_text("utf-8").partition(f"\n{heading}\n")
            assert found, f"{page.name} has no heading {heading}"
            made[page, heading] = tmp_path_factory.mktemp(page.stem)
            play(text, folder=made[page, heading], name=page.stem)
        return made[page, heading]

    return begin


@pytest.mark.parametrize("page", [page for page in PAGES if has_snippets(page)], ids=lambda page: page.stem)
def test_snippets_run(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun: Callable[[Path, str], Path]
) -> None:
    text = page.read_text("utf-8")
    if before := CONTINUES.search(text):
        shutil.copytree(begun((page.parent / before["page"]).resolve(), before["heading"]), tmp_path / "here")
    folder = tmp_path / "here"
    folder.mkdir(exist_ok=True)
    for brought in BRINGS.finditer(text):
        shutil.copy(ROOT / brought["file"], folder)
    monkeypatch.chdir(folder)
    play(text, folder=folder, name=page.stem)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text("utf-8"))
    for match in LINK.finditer(text):
        target = (match["target"] or match["picture"]).partition("#")[0]
        if target and "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}, which is not there"


def test_every_page_is_on_the_map() -> None:
    """docs/README.md leads to every page below docs; ADRs are listed by their own index."""
    mapped = {
        (page.parent / match["target"].partition("#")[0]).resolve()
        for page in (ROOT / "docs" / "README.md", ROOT / "docs" / "adr" / "README.md")
        for match in LINK.finditer(page.read_text("utf-8"))
        if match["target"]
    }
    pages = {page.resolve() for page in (ROOT / "docs").rglob("*.md")}
    assert pages - mapped - {(ROOT / "docs" / "README.md").resolve()} == set()
