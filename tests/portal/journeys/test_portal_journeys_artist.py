"""An artist says no to her voice and yes to training at a price, sees what changes first, and takes the yes back."""


def test_artist(walk):
    artist = walk()
    artist.enter_as("artist")
    artist.go("/decide")
    artist.stop("about")
    artist.page.locator("a[href*='scope=present']").click()
    artist.page.wait_for_load_state("networkidle")
    artist.stop("grid")
    for use in ("train_generative", "voice"):
        assert artist.page.locator(f"input[name={use}]:checked").count() == 0
    artist.page.check("input[name=train_generative][value=yes]")
    artist.page.fill("#price_train_generative", "0.05")
    artist.page.select_option("#currency", "EUR")
    artist.page.check("input[name=voice][value=no]")
    artist.page.locator("form[action='/decide/preview'] button:not([type=reset])").click()
    artist.page.wait_for_load_state("networkidle")
    artist.stop("preview")
    assert artist.page.locator("tbody tr").count() == 2
    artist.page.locator("form[action='/decide'] button").click()
    artist.page.wait_for_load_state("networkidle")
    artist.stop("receipt")
    receipt = artist.page.url.partition("?")[0]
    assert "/decisions/statement_" in receipt
    artist.page.locator("a[href$='/withdraw']").click()
    artist.page.wait_for_load_state("networkidle")
    artist.stop("withdraw")
    artist.page.locator("form[action$='/withdraw'] button").click()
    artist.page.wait_for_load_state("networkidle")
    artist.stop("withdrawn")
    assert artist.page.url.partition("?")[0] == receipt
    assert artist.page.locator("a[href$='/withdraw']").count() == 0
    for page in ("/decisions", "/inbox", "/trusted"):
        artist.go(page)
        artist.stop(page.strip("/"))
