"""A citizen looks something up and checks a proof, without an account."""


def test_citizen(walk):
    citizen = walk()
    citizen.go("/")
    citizen.stop("start")
    citizen.page.keyboard.press("/")
    citizen.page.keyboard.type("a")
    citizen.page.keyboard.press("Enter")
    citizen.page.wait_for_load_state("networkidle")
    citizen.stop("search")
