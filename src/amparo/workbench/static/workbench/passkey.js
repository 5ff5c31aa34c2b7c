// Passkeys (WebAuthn Level 2). A form with data-passkey="make" or "use" sends what the browser answers in its hidden
// field "credential". Options come from the page (#passkey-options) or from the address in data-options.
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const known = (list) => (list ?? []).map((each) => ({ ...each, id: bytes(each.id) }));

async function options(form) {
  if (!form.dataset.options) return JSON.parse(document.getElementById("passkey-options").textContent);
  const answer = await fetch(form.dataset.options, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`options: ${answer.status}`);
  return answer.json();
}

async function made(form) {
  const asked = (await options(form)).creation_options.publicKey;
  const alone = form.elements.passwordless.checked;
  const selection = { ...asked.authenticatorSelection, residentKey: alone ? "required" : "discouraged", requireResidentKey: alone };
  if (alone) selection.userVerification = "required";
  const publicKey = {
    ...asked, challenge: bytes(asked.challenge), user: { ...asked.user, id: bytes(asked.user.id) },
    excludeCredentials: known(asked.excludeCredentials), authenticatorSelection: selection,
  };
  const credential = await navigator.credentials.create({ publicKey });
  const { clientDataJSON, attestationObject } = credential.response;
  return { credential, response: {
    clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject),
    transports: credential.response.getTransports?.() ?? [],
  } };
}

async function used(form) {
  const asked = (await options(form)).request_options.publicKey;
  const publicKey = { ...asked, challenge: bytes(asked.challenge), allowCredentials: known(asked.allowCredentials) };
  const credential = await navigator.credentials.get({ publicKey });
  const { clientDataJSON, authenticatorData, signature, userHandle } = credential.response;
  return { credential, response: {
    clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData), signature: text(signature),
    userHandle: userHandle ? text(userHandle) : null,
  } };
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const button = form.querySelector("button");
  if (!window.PublicKeyCredential) {
    form.querySelector("[data-passkey-missing]").hidden = false;
    button.disabled = true;
    continue;
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const error = form.querySelector("[data-passkey-error]");
    error.hidden = true;
    button.disabled = true;
    try {
      const { credential, response } = await (form.dataset.passkey === "make" ? made(form) : used(form));
      form.elements.credential.value = JSON.stringify({
        type: credential.type, id: credential.id, rawId: text(credential.rawId), response,
        authenticatorAttachment: credential.authenticatorAttachment,
        clientExtensionResults: credential.getClientExtensionResults(),
      });
      form.submit();
    } catch {
      error.hidden = false;
      button.disabled = false;
      button.focus();
    }
  });
}
