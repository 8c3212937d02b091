"""The web page, driven as a person does: files, keyboard, languages, a narrow window, the dark, and no network."""

import itertools
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.verifier.browser import Browser, chromium
from tests.verifier.conftest import PAGE, ROOT, Case, load_cases, load_script
from tests.verifier.misleading import look_alike_answer, misleading_bundle
from tools import make_verifier_page

from cantoria.kernel import canonical

LANGUAGES = ("en", "ko", "es")
ANSWER_CODE = "isrc:ESA011900456"


def good(group: str, name: str = "") -> Case:
    return next(one for one in load_cases() if one.group == group and one.found and name in one.name)


@pytest.fixture
def page(browser: Browser) -> Iterator[Browser]:
    """Return the page freshly opened, light and wide."""
    browser.look()
    browser.events.clear()
    browser.open(PAGE)
    yield browser
    browser.look()


@pytest.fixture
def files(tmp_path: Path) -> Callable[[Case], tuple[Path, Path]]:
    """Return a function that writes a case's file and trust and returns both paths."""

    def write(case: Case) -> tuple[Path, Path]:
        proof, trust = tmp_path / f"{case.group}.json", tmp_path / "trust.txt"
        proof.write_bytes(case.data)
        trust.write_text(case.trust, "utf-8")
        return proof, trust

    return write


def until(page: Browser, script: str) -> None:
    """Wait until a JavaScript expression is true."""
    end = time.monotonic() + 20
    while not page.run(script):
        assert time.monotonic() < end, f"it never came to {script}"
        time.sleep(0.02)


def verify(page: Browser, proof: Path, trust: Path) -> str:
    """Choose both files, press the button, and return the verdict."""
    page.choose("#proof", proof)
    page.choose("#trust-file", trust)
    until(page, "document.getElementById('proof-name').textContent && document.getElementById('trust').value")
    return press_verify(page)


def press_verify(page: Browser) -> str:
    page.run("document.getElementById('verify').click()")
    until(page, "!document.getElementById('result').hidden && !document.getElementById('verify').disabled")
    return text(page, "verdict")


def text(page: Browser, element: str) -> str:
    found: str = page.run(f"document.getElementById({json.dumps(element)}).textContent")
    return found


Files = Callable[[Case], tuple[Path, Path]]


def test_the_page_is_built_from_its_parts() -> None:
    assert PAGE.read_text("utf-8") == make_verifier_page.page()


def test_the_page_can_load_nothing() -> None:
    markup = PAGE.read_text("utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', markup)
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    assert "unsafe" not in policy[1]
    assert not re.search(r"\b(src|href|action)=\"(?!#)", markup)
    script = markup[markup.rindex("<script>") :]
    for word in (
        "fetch(",
        "XMLHttpRequest",
        "WebSocket",
        "localStorage",
        "sessionStorage",
        "cookie",
        "innerHTML",
        "eval(",
    ):
        assert word not in script


def test_it_asks_no_network_and_breaks_no_rule(page: Browser, files: Files) -> None:
    assert verify(page, *files(good("bundles"))).startswith("✔")
    asked = [one["params"]["request"]["url"] for one in page.events if one["method"] == "Network.requestWillBeSent"]
    assert asked == [PAGE.resolve().as_uri()]
    wrong = [one for one in page.events if one["method"] in ("Log.entryAdded", "Runtime.exceptionThrown")]
    assert not wrong
    blocked = page.run(
        "new Promise((resolve) => { document.addEventListener('securitypolicyviolation', (event) =>"
        " resolve(event.effectiveDirective)); fetch('https://example.org').catch(() => {}); })"
    )
    assert blocked == "connect-src"


@pytest.mark.parametrize(
    "group", ["bundles", "documents", "answers", "checkpoints", "consistency", "split-views", "tlog-proofs"]
)
def test_every_kind_of_file(page: Browser, files: Files, group: str, tmp_path: Path) -> None:
    case = good(group)
    assert case.found is not None
    proof, trust = files(case)
    page.choose("#proof", proof)
    if case.entry is not None:
        (tmp_path / "entry").write_bytes(case.entry)
        until(page, "!document.getElementById('entry-field').hidden")
        page.choose("#entry", tmp_path / "entry")
    verdict = verify(page, proof, trust)
    assert verdict.startswith("!" if group == "split-views" else "✔")
    told = text(page, "lists")
    assert case.found["root"] in told
    assert ("self-attested" in told) == (group != "split-views")


def test_a_changed_file_and_a_foreign_key_do_not_hold(page: Browser, files: Files, tmp_path: Path) -> None:
    case = good("documents", "statement")
    proof, trust = files(case)
    proof.write_bytes(case.data.replace(b"98549848940770", b"98549848940771"))
    assert verify(page, proof, trust) == "✘ It does not hold"
    assert "not the one that was recorded" in text(page, "summary")
    (tmp_path / "other").write_text(case.trust.replace("log.", "lag."))
    assert verify(page, proof, tmp_path / "other") == "✘ It does not hold"
    assert "cannot be read" in text(page, "summary")
    assert page.run("document.getElementById('result').className") == "no"


def test_only_an_answer_to_the_question_is_one(page: Browser, files: Files) -> None:
    assert verify(page, *files(good("answers"))).startswith("✔")
    for asked, verdict in ((ANSWER_CODE, "✔ It holds"), ("isrc:KRA381900123", "! It holds, but does not answer you")):
        page.run("document.getElementById('about').value = ''; document.getElementById('about').focus()")
        page.write(asked)
        assert page.run("document.getElementById('result').hidden"), "an old result stays beside a new question"
        assert press_verify(page) == verdict


def test_who_cosigned_is_said(page: Browser, files: Files) -> None:
    assert verify(page, *files(good("bundles", "six cosigned"))).startswith("✔")
    told = text(page, "lists")
    assert "w1, w2, w3, w4, w5, w6 cosigned the same tree for everyone" in told
    assert "2026-11-18T11:08:24Z" in told
    assert "self-attested" not in told


def test_what_a_proof_says_turns_no_sentence_round_and_is_no_markup(page: Browser, tmp_path: Path) -> None:
    data, vkey = misleading_bundle()
    (tmp_path / "proof\u202enosj.json").write_bytes(data)
    (tmp_path / "key").write_text(vkey)
    assert verify(page, tmp_path / "proof\u202enosj.json", tmp_path / "key").startswith("✔")
    told = text(page, "lists") + text(page, "proof-name")
    assert "receipt\\u001b[2J\\u009b2J\\u000a✔ verified\\u202edetrevni" in told
    assert all(line.isprintable() for line in told.split("\n"))
    assert "<img src=x onerror=alert(1)>" in told
    assert page.run("document.querySelectorAll('img, script').length") == 1, "markup came alive"
    wrong = [one for one in page.events if one["method"] in ("Log.entryAdded", "Runtime.exceptionThrown")]
    assert not wrong


def test_a_code_that_only_looks_like_another_is_seen_to_be_another(page: Browser, tmp_path: Path) -> None:
    data, vkey = look_alike_answer()
    (tmp_path / "answer.json").write_bytes(data)
    (tmp_path / "key").write_text(vkey)
    assert verify(page, tmp_path / "answer.json", tmp_path / "key").startswith("✔")
    assert '"isrc:KRA\\u200b381900123" does not stand in the dataset' in text(page, "lists")


def test_a_policy_is_verified_as_its_file_is(page: Browser, files: Files, tmp_path: Path) -> None:
    """A text field would turn CR LF into LF, and show another fingerprint than every other verifier."""
    case = good("bundles", "six cosigned")
    proof, _ = files(case)
    (tmp_path / "other").write_bytes(case.trust.replace("\n", "\r\n").encode())
    assert verify(page, proof, tmp_path / "other") == "✘ It does not hold"
    assert "cannot be read" in text(page, "summary")


def test_a_result_about_files_that_were_changed_meanwhile_is_not_shown(page: Browser, files: Files) -> None:
    proof, trust = files(good("bundles"))
    assert verify(page, proof, trust).startswith("✔")
    page.run(
        "document.getElementById('verify').click();"
        "document.getElementById('about').dispatchEvent(new Event('input', { bubbles: true }))"
    )
    until(page, "!document.getElementById('verify').disabled")
    assert page.run("document.getElementById('result').hidden")


def test_files_can_be_dropped_anywhere_together(page: Browser) -> None:
    case = good("checkpoints", "five of seven")
    page.run(
        f"""(() => {{
          const transfer = new DataTransfer();
          transfer.items.add(new File([{json.dumps(case.data.decode())}], "checkpoint"));
          transfer.items.add(new File([{json.dumps(case.trust)}], "trust.policy"));
          const about = {{ dataTransfer: transfer, bubbles: true, cancelable: true }};
          document.body.dispatchEvent(new DragEvent("drop", about));
        }})()"""
    )
    until(page, "document.getElementById('proof-name').textContent && document.getElementById('trust').value")
    assert "checkpoint" in text(page, "proof-name")
    assert press_verify(page) == "✔ It holds"


def test_with_the_keyboard_alone(page: Browser, files: Files) -> None:
    """The file dialog belongs to the browser; all else is reached by Tab, in the order of the page."""
    case = good("answers")
    page.choose("#proof", files(case)[0])
    until(page, "document.getElementById('proof-name').textContent")
    page.run("document.getElementById('proof').focus()")
    page.press("Tab", code=9)
    assert page.run("document.activeElement.id") == "trust"
    page.write(case.trust)
    page.press("Tab", code=9)
    page.press("Tab", code=9)
    assert page.run("document.activeElement.id") == "about"
    page.write(ANSWER_CODE)
    page.press("Enter", code=13, text="\r")
    until(page, "!document.getElementById('result').hidden")
    assert text(page, "verdict") == "✔ It holds"
    assert page.run("document.activeElement.id") == "verdict"


def test_what_is_missing_is_asked_for_where_it_goes(page: Browser, files: Files) -> None:
    assert press_verify(page) == "! Something is missing"
    assert page.run("document.activeElement.id") == "proof"
    page.choose("#proof", files(good("bundles"))[0])
    until(page, "document.getElementById('proof-name').textContent")
    assert press_verify(page) == "! Something is missing"
    assert page.run("document.activeElement.id") == "trust"


def test_every_control_has_a_name_and_the_result_is_announced(page: Browser) -> None:
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    controls = [
        node for node in nodes if node.get("role", {}).get("value") in ("button", "textbox", "combobox", "link")
    ]
    assert len(controls) >= 6
    assert all(node["name"]["value"] for node in controls)
    assert page.run("document.getElementById('result').getAttribute('aria-live')") == "polite"


def test_the_page_speaks_three_languages(page: Browser, files: Files) -> None:
    words: dict[str, dict[str, Any]] = page.run("WORDS")
    assert set(words) == set(LANGUAGES)
    for other in ("ko", "es"):
        assert words[other].keys() == words["en"].keys()
        assert words[other]["steps"].keys() == words["en"]["steps"].keys()
        for key, said in words["en"].items():
            theirs = words[other][key]
            assert len(theirs) == len(said) or isinstance(said, str)
            if isinstance(said, str):
                assert theirs != said or key == "title" or len(said) < 4, f"{key} is not translated into {other}"
                assert set(re.findall(r"{\w+}", theirs)) == set(re.findall(r"{\w+}", said)), key
    assert verify(page, *files(good("answers"))).startswith("✔ It holds")
    verdicts = set()
    for language in LANGUAGES:
        page.run(
            "(() => { const chosen = document.getElementById('language');"
            f" chosen.value = '{language}'; chosen.dispatchEvent(new Event('change')); }})()"
        )
        assert page.run("document.documentElement.lang") == language
        assert "{" not in text(page, "lists").split(words[language]["body"])[0]
        verdicts.add(text(page, "verdict"))
    assert verdicts == {f"✔ {words[one]['holds']}" for one in LANGUAGES}


def test_a_step_that_fails_has_a_sentence(page: Browser) -> None:
    """Each step that the verifier names stands in the words."""
    script = (ROOT / "verifier" / "page" / "verify.js").read_text("utf-8")
    steps = set(re.findall(r'(?:refuse|DoesNotHold)\(\s*"(\w+)"', script))
    assert len(steps) > 8
    assert steps <= set(page.run("Object.keys(WORDS.en.steps)"))


@pytest.mark.parametrize(("dark", "width"), list(itertools.product([False, True], [320, 360, 900])))
def test_it_fits_a_phone_and_can_be_read(page: Browser, files: Files, dark: bool, width: int) -> None:
    verify(page, *files(good("bundles", "six cosigned")))
    page.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.look(dark=dark, width=width)
    assert page.run("document.documentElement.scrollWidth") <= width
    assert page.run(CONTRAST) >= 4.5


# The least contrast (WCAG 2.2) of any text on the page against the nearest background that is painted.
CONTRAST = """(() => {
  const parts = (colour) => colour.match(/[0-9.]+/g).map(Number);
  const light = (colour) => {
    const [red, green, blue] = parts(colour).map((one) => one / 255).map((one) =>
      one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (parts(colour)[3] !== 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const shown = [...document.querySelectorAll("body *")].filter((one) =>
    one.getClientRects().length && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  return Math.min(...shown.map((one) => {
    const [a, b] = [light(getComputedStyle(one).color), light(ground(one))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  }));
})()"""


def test_a_browser_without_ed25519_is_told_so(require_part: Callable[[str, bool, str], None]) -> None:
    require_part("Chromium", chromium() is not None, "apt-get install chromium")
    browser = Browser("--lang=en-US")
    try:
        browser.call(
            "Page.addScriptToEvaluateOnNewDocument",
            source="SubtleCrypto.prototype.importKey = () => Promise.reject(new DOMException('', 'NotSupportedError'))",
        )
        browser.open(PAGE)
        assert not browser.run("document.getElementById('unable').hidden")
        assert "cannot check Ed25519" in text(browser, "unable")
        assert browser.run("document.getElementById('verify').disabled")
    finally:
        browser.close()


SAME = (
    *("9007199254740991", "-9007199254740991", "0", "-1", "null", "true", "[]", "{}", '""', "[[],{}]"),
    *(
        '{"a":1,"b":2}',
        '{"__proto__":[null,true,false]}',
        '"\\u001f\\n\\""',
        '["😀"]',
        '{"😀":1,"\ufb33":2}',
        '"\x7f/€"',
    ),
)
REFUSED = (
    *(
        "9007199254740992",
        "-9007199254740992",
        "9007199254740993",
        "1" * 17,
        "1" * 5000,
        "1e3",
        "-0",
        "00",
        "1.0",
        "+1",
    ),
    *(
        '{"b":1,"a":2}',
        '{"a":1,"a":2}',
        '{"\ufb33":1,"😀":2}',
        '"\\u000a"',
        '"\\u00e9"',
        '"\\u001F"',
        '"\\/"',
        '"\\ud800"',
    ),
    *(" 1", "1 ", "[1,]", "[1 ,2]", "{1:2}", '{"a":}', "nul", "truer", "NaN", '"', '"\n"', "", "\ufeff1"),
    *("[" * 65 + "1" + "]" * 65, "[" * 100_000),
)


def test_the_reader_of_json_is_exact(page: Browser) -> None:
    """Integers up to 2^53 - 1 and nothing beyond; every value spells back to the bytes that it came from."""
    read = """((texts) => texts.map((text) => {
      try {
        return Verifier.spell(Verifier.decode(new TextEncoder().encode(text)));
      } catch (error) {
        return error instanceof Verifier.DoesNotHold ? null : String(error);
      }
    }))"""
    assert page.run(f"{read}({json.dumps(SAME)})") == list(SAME)
    assert page.run(f"{read}({json.dumps(REFUSED)})") == [None] * len(REFUSED)
    script = load_script()
    for one in SAME:
        assert script.encode(script.decode(one.encode())) == one.encode()
    for one in REFUSED:
        with pytest.raises(script.DoesNotHoldError):
            script.decode(one.encode())


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(1 - 2**53, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=25)
@given(values=st.lists(VALUES, min_size=40, max_size=40))
def test_three_writers_of_json_agree(browser: Browser, values: list[Any]) -> None:
    """Whatever the library writes, page and script read and write back byte for byte."""
    written = [canonical.encode(value).decode() for value in values]
    read = "((texts) => texts.map((text) => Verifier.spell(Verifier.decode(new TextEncoder().encode(text)))))"
    assert browser.run(f"{read}({json.dumps(written)})") == written
    script = load_script()
    assert [script.encode(script.decode(one.encode())).decode() for one in written] == written
