// Photos on their way: made no larger than a verifier needs, and gathered, since a telephone's camera gives one at a
// time and each new one would replace the last. Inputs say so by data-photos. A browser that cannot (no DataTransfer,
// no createImageBitmap) sends what was chosen, as it was chosen.
(function () {
  "use strict";
  const LONGEST = 2000; // pixels
  const QUALITY = 0.85;
  const SMALL = 300 * 1024; // bytes: not worth redrawing

  async function scaled(file) {
    if (!/^image\/(jpeg|png|webp)$/.test(file.type) || file.size <= SMALL) return file;
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const by = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * by);
      canvas.height = Math.round(picture.height * by);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      const blob = await new Promise(function (made) { canvas.toBlob(made, "image/jpeg", QUALITY); });
      if (!blob || blob.size >= file.size) return file;
      return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
    } catch (unable) {
      return file;
    }
  }

  function size(bytes) {
    return bytes < 1024 * 1024 ? Math.ceil(bytes / 1024) + " KB" : (bytes / 1024 / 1024).toFixed(1) + " MB";
  }

  function gather(input) {
    const list = document.createElement("ul");
    list.className = "chosen";
    list.setAttribute("aria-live", "polite");
    input.closest("label").after(list);
    input.closest("label").classList.add("gathers"); // from here on the list says what was chosen, not the browser
    let chosen = [];

    function put() {
      const carried = new DataTransfer();
      for (const file of chosen) carried.items.add(file);
      input.files = carried.files;
      list.textContent = "";
      chosen.forEach(function (file, place) {
        const line = document.createElement("li");
        const button = document.createElement("button");
        line.textContent = file.name + "（" + size(file.size) + "） ";
        button.type = "button";
        button.className = "quiet";
        button.textContent = "去掉";
        button.setAttribute("aria-label", "去掉 " + file.name);
        button.addEventListener("click", function () { chosen.splice(place, 1); put(); });
        line.appendChild(button);
        list.appendChild(line);
      });
    }

    input.addEventListener("change", async function () {
      const added = [...input.files];
      if (!added.length) { put(); return; }
      const ready = await Promise.all(added.map(scaled));
      chosen = chosen.concat(ready);
      put();
    });
    // On a slow network somebody may have chosen before this script was there.
    if (input.files.length) input.dispatchEvent(new Event("change"));
  }

  function begin() {
    try { new DataTransfer().items; } catch (old) { return; }
    for (const input of document.querySelectorAll("input[data-photos]:not([data-gathers])")) {
      input.setAttribute("data-gathers", "");
      gather(input);
    }
  }
  begin();
  document.addEventListener("page:shown", begin);
})();
