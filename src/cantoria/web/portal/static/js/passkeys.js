"use strict";
/* Passkeys (WebAuthn Level 3): asks the browser for one, and hands its answer to the portal. */
{
  const able = window.PublicKeyCredential && PublicKeyCredential.parseCreationOptionsFromJSON
    && PublicKeyCredential.parseRequestOptionsFromJSON;
  const complaint = document.querySelector("[data-passkey-failed]");

  const send = async (path, value, csrf) => {
    const headers = { "Content-Type": "application/json" };
    if (csrf) headers["X-CSRF-Token"] = csrf;
    const answer = await fetch(`${path}.json`, { method: "POST", headers, body: JSON.stringify(value) });
    if (!answer.ok) throw new Error(`the portal answers ${answer.status}`);
    return { value: await answer.json(), location: answer.headers.get("Location") };
  };

  const attempt = async (button, work) => {
    button.disabled = true;
    complaint.hidden = true;
    try {
      location.assign(await work() || "/");
    } catch {
      complaint.hidden = false;
      button.disabled = false;
    }
  };

  const enter = document.querySelector("[data-passkey-enter]");
  if (able && enter) {
    enter.hidden = false;
    enter.addEventListener("click", () => attempt(enter, async () => {
      const begun = (await send("/sign-in/passkey/options", {})).value;
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(begun.options);
      const credential = await navigator.credentials.get({ publicKey });
      const sent = { flow: begun.flow, credential: credential.toJSON(), next: enter.dataset.next };
      return (await send("/sign-in/passkey", sent)).location;
    }));
  }

  const add = document.querySelector("[data-passkey-add]");
  if (able && add) {
    add.hidden = false;
    add.addEventListener("submit", event => {
      event.preventDefault();
      const button = add.querySelector("button");
      const csrf = add.elements.csrf.value;
      attempt(button, async () => {
        const begun = (await send("/account/passkeys/options", {}, csrf)).value;
        const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(begun.options);
        const credential = await navigator.credentials.create({ publicKey });
        const sent = { flow: begun.flow, name: add.elements.name.value, credential: credential.toJSON() };
        await send("/account/passkeys", sent, csrf);
        return "/account?said=passkey_added#passkeys";
      });
    });
  }
}
