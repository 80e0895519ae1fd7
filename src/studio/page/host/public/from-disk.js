// Browsers load no modules and no WebAssembly of a page that was opened from the disk. This says what to do then.

if (location.protocol === "file:")
  document.addEventListener("DOMContentLoaded", () => {
    const folder = decodeURIComponent(location.pathname.replace(/\/[^/]*$/, "")).replace(/^\/(?=[A-Za-z]:)/, "");
    const [text, command, then] = ["p", "pre", "p"].map((name) => document.body.appendChild(document.createElement(name)));
    text.textContent = "This page works when a web server gives it out, on any host or on this computer. With Node or with Python:";
    command.textContent = `npx http-server "${folder}"\npython3 -m http.server --directory "${folder}"`;
    then.textContent = "Then open the address that the command prints.";
    document.body.style.cssText = "font: 1.05rem/1.6 system-ui, sans-serif; max-width: 44rem; margin: 4rem auto; padding: 0 1rem";
    command.style.cssText = "white-space: pre-wrap; overflow-wrap: anywhere";
  });
