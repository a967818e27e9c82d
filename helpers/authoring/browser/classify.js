// The course's small network on a visitor's photo: no library, no server, no worker (a page that
// was opened from disk may not start one). weights.js, which helpers/authoring/browser_page.py
// writes, comes before this file and holds the network.
"use strict";

const SIDE = 32; // pixels that the network takes, a side
const SHOWN = 5; // classes that the answer lists
const MAX_BYTES = 50_000_000; // of one file, as in helpers/image_files.py
const byId = (id) => document.getElementById(id);

// --- the network --------------------------------------------------------------------------------

/** The layers of weights.js, their numbers as views of one Float32Array. */
function unpack({ weights, convolutions, features, classes }) {
  const bytes = Uint8Array.from(atob(weights), (sign) => sign.charCodeAt(0));
  const numbers = new Float32Array(bytes.buffer);
  let at = 0;
  const next = (count) => numbers.subarray(at, (at += count));
  const blocks = convolutions.map(({ inputs, filters, pool }) => ({
    inputs, filters, pool,
    kernel: next(9 * inputs * filters), scale: next(filters), shift: next(filters),
  }));
  const dense = { kernel: next(features * classes.length), bias: next(classes.length) };
  if (at !== numbers.length) throw new Error("weights.js and classify.js do not fit each other");
  return { blocks, dense };
}

/**
 * A 3 × 3 convolution, "same": beyond the edges there are zeros.
 * Takes (side, side, inputs), gives (side, side, filters); the kernel is (3, 3, inputs, filters).
 */
function convolve(image, side, { inputs, filters, kernel }) {
  const out = new Float32Array(side * side * filters);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const to = (y * side + x) * filters;
      for (let tap = 0; tap < 9; tap++) {
        const row = y + Math.floor(tap / 3) - 1, column = x + (tap % 3) - 1;
        if (row < 0 || row >= side || column < 0 || column >= side) continue;
        const from = (row * side + column) * inputs;
        for (let i = 0; i < inputs; i++) {
          const value = image[from + i];
          if (value === 0) continue; // as are many behind a ReLU
          const weight = (tap * inputs + i) * filters;
          for (let f = 0; f < filters; f++) out[to + f] += value * kernel[weight + f];
        }
      }
    }
  }
  return out;
}

/** The largest of each 2 × 2 values: (side, side, filters) to (side / 2, side / 2, filters). */
function pool(image, side, filters) {
  const half = side / 2, line = side * filters;
  const out = new Float32Array(half * half * filters);
  for (let i = 0; i < out.length; i++) {
    const f = i % filters, x = Math.floor(i / filters) % half, y = Math.floor(i / filters / half);
    const at = (2 * y * side + 2 * x) * filters + f;
    const upper = Math.max(image[at], image[at + filters]);
    out[i] = Math.max(upper, image[at + line], image[at + line + filters]);
  }
  return out;
}

/** Batch normalization, which at this point is a line for each filter, and ReLU; in place. */
function normalize(image, { filters, scale, shift }) {
  for (let i = 0; i < image.length; i++) {
    image[i] = Math.max(0, image[i] * scale[i % filters] + shift[i % filters]);
  }
}

/** What the network says of (32, 32, 3) pixels, 0 to 255: a probability for each class. */
function probabilities(pixels) {
  let image = Float32Array.from(pixels, (value) => value / 255), side = SIDE;
  for (const block of network.blocks) {
    image = convolve(image, side, block);
    if (block.pool) {
      image = pool(image, side, block.filters);
      side /= 2;
    }
    normalize(image, block);
  }
  const features = image.slice(0, network.blocks.at(-1).filters); // global max pooling
  image.forEach((value, i) => {
    const f = i % features.length;
    if (value > features[f]) features[f] = value;
  });
  const { kernel, bias } = network.dense;
  const logits = Array.from(bias, (start, c) =>
    features.reduce((sum, value, f) => sum + value * kernel[f * bias.length + c], start));
  const top = Math.max(...logits); // without it, exp may overflow
  const powers = logits.map((value) => Math.exp(value - top));
  const total = powers.reduce((sum, value) => sum + value);
  return Float32Array.from(powers, (value) => value / total);
}

// --- the photo, prepared as helpers/predict.py does ---------------------------------------------

/** Which box of a photo is used, how large it becomes, and where that lies in the 32 × 32. */
function layout(width, height, how) {
  if (how === "crop") { // the largest square in the middle, as ImageOps.fit
    const side = Math.min(width, height), left = (width - side) / 2, top = (height - side) / 2;
    return { box: [left, top, left + side, top + side], size: [SIDE, SIDE], at: [0, 0] };
  }
  const longer = how === "pad" ? Math.max(width, height) : 0;
  const size = [width, height].map((n) => (longer ? Math.max(1, even((n / longer) * SIDE)) : SIDE));
  const at = size.map((n) => even((SIDE - n) / 2)); // as ImageOps.pad
  return { box: [0, 0, width, height], size, at };
}

/** Round as Python does: a half to the even neighbor. */
function even(value) {
  return value % 1 === 0.5 ? 2 * Math.round(value / 2) : Math.round(value);
}

const ONE = 2 ** 22; // Pillow's weights are whole numbers that sum to this

/**
 * Pillow's bicubic filter along one axis: for each of `size` new pixels the first old one that
 * counts and the weights from there on. Where an image shrinks the filter widens with it, which
 * a canvas does not do: without that, small things would flicker or vanish.
 */
function bicubic(length, start, end, size) {
  const scale = (end - start) / size, wide = Math.max(scale, 1);
  return Array.from({ length: size }, (_, i) => {
    const center = start + (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - 2 * wide + 0.5));
    const last = Math.min(length, Math.trunc(center + 2 * wide + 0.5));
    const found = [];
    for (let at = first; at < last; at++) found.push(cubic(Math.abs(at - center + 0.5) / wide));
    const sum = found.reduce((a, b) => a + b);
    const weights = found.map((w) => Math.sign(w) * Math.round((Math.abs(w) / sum) * ONE));
    return { first, weights: Float64Array.from(weights) };
  });
}

function cubic(x) {
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
}

/** One filtered value: every `step`-th from `at` on, weighted; rounded. */
function weighted(data, at, step, weights) {
  let sum = ONE / 2;
  for (let i = 0; i < weights.length; i++, at += step) sum += data[at] * weights[i];
  return Math.floor(sum / ONE);
}

/**
 * (32, 32, 3) pixels of a photo: transparent parts white, shrunk rows first, then columns, with
 * whole numbers in between as in Pillow. The photo goes through a canvas in strips, because one
 * as large as a photo can be is more than some browsers have.
 */
function prepare(photo, how) {
  const { width, height } = photo, { box, size, at } = layout(width, height, how);
  const across = bicubic(width, box[0], box[2], size[0]);
  const down = bicubic(height, box[1], box[3], size[1]);
  const last = down.at(-1).first + down.at(-1).weights.length;
  const narrow = new Uint8ClampedArray(height * size[0] * 3);
  const strip = Object.assign(document.createElement("canvas"), { width, height: 128 });
  const context = strip.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "white";
  for (let top = down[0].first; top < last; top += strip.height) {
    const rows = Math.min(strip.height, last - top);
    context.fillRect(0, 0, width, rows);
    context.drawImage(photo, 0, top, width, rows, 0, 0, width, rows);
    const { data } = context.getImageData(0, 0, width, rows);
    if (data[3] !== 255) throw new Error("the canvas stays empty"); // as some do without a word
    let to = top * size[0] * 3;
    for (let row = 0; row < rows; row++) {
      for (const { first, weights } of across) {
        const from = (row * width + first) * 4;
        for (let c = 0; c < 3; c++) narrow[to++] = weighted(data, from + c, 4, weights);
      }
    }
  }
  const pixels = new Uint8ClampedArray(SIDE * SIDE * 3).fill(255);
  const line = size[0] * 3;
  down.forEach(({ first, weights }, y) => {
    const to = ((at[1] + y) * SIDE + at[0]) * 3;
    const from = first * line;
    for (let i = 0; i < line; i++) pixels[to + i] = weighted(narrow, from + i, line, weights);
  });
  return pixels;
}

// --- files --------------------------------------------------------------------------------------

/** What a file's first bytes say, as `FORMATS` in helpers/image_files.py; undefined: no image. */
function kind(head) {
  const text = String.fromCharCode(...head);
  const starts = {
    JPEG: /^\xff\xd8\xff/, PNG: /^\x89PNG\r\n\x1a\n/, WebP: /^RIFF....WEBP/s, BMP: /^BM/,
    GIF: /^GIF8[79]a/, TIFF: /^(II[*+]\0|MM\0[*+])/,
    "HEIC or AVIF": /^....ftyp(he[iv]|hif|mif1|msf1|avi[fs])/s,
  };
  return Object.keys(starts).find((name) => starts[name].test(text));
}

/** The photo in a file, upright. An Error says, in words for the visitor, why there is none. */
async function openImage(file) {
  const name = file.name || "the image";
  if (file.size > MAX_BYTES) throw new Error(`${name} has over 50 MB: save it smaller.`);
  if (file.size === 0) throw new Error(`${name} is empty (0 bytes): copy it anew.`);
  const found = kind(new Uint8Array(await file.slice(0, 16).arrayBuffer()));
  if (!found) throw new Error(`${name} is no image: choose a JPEG, PNG, WebP, BMP or GIF file.`);
  try {
    // As Pillow, that is turned as the camera was held, and with the color numbers of the file.
    return await createImageBitmap(file, {
      imageOrientation: "from-image", colorSpaceConversion: "none",
    });
  } catch {
    throw new Error(/HEIC|TIFF/.test(found)
      ? `${name} is a ${found} image, which this browser cannot open: save it as JPEG or PNG.`
      : `${name} is damaged, or too large for this browser: copy it anew, or save it smaller.`);
  }
}

// --- the page -----------------------------------------------------------------------------------

let latest; // the file that was chosen last; an older one that is still being read is dropped

async function classify(file) {
  latest = file;
  say(`Reading ${file.name || "the image"} …`);
  let photo;
  try {
    photo = await openImage(file);
  } catch (error) {
    if (file === latest) say(error.message, true);
    return;
  }
  try {
    if (file === latest) show(photo, document.querySelector("input[name=how]:checked").value);
  } catch (error) { // larger than a canvas may be
    say(`This browser cannot draw the image (${error.message}): save it smaller.`, true);
  }
  photo.close();
}

function show(photo, how) {
  const times = [performance.now()];
  const pixels = prepare(photo, how);
  times.push(performance.now());
  const found = probabilities(pixels);
  times.push(performance.now());
  const order = [...found.keys()].sort((a, b) => found[b] - found[a]).slice(0, SHOWN);
  byId("bars").replaceChildren(...order.map((i) => bar(NETWORK.classes[i], found[i])));
  drawPhoto(photo, how);
  drawSeen(pixels);
  const [fit, run] = [times[1] - times[0], times[2] - times[1]].map((ms) => ms.toFixed(0));
  byId("time").textContent = `${photo.width} × ${photo.height} pixels, ` +
    `made small in ${fit} ms and classified in ${run} ms.`;
  byId("result").hidden = false;
  const [first, second] = order.map((i) => `${NETWORK.classes[i]}, ${percent(found[i])}`);
  say(`The network says: ${first}; next comes ${second}.`);
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}

function bar(name, share) {
  const item = document.createElement("li");
  item.innerHTML = `<span class="name"></span><span class="track" aria-hidden="true"><span
    class="bar"></span></span><span class="percent"></span>`;
  item.querySelector(".name").textContent = name;
  item.querySelector(".bar").style.width = `${100 * share}%`;
  item.querySelector(".percent").textContent = percent(share);
  return item;
}

function drawPhoto(photo, how) {
  const canvas = byId("photo"), zoom = Math.min(1, 512 / Math.max(photo.width, photo.height));
  [canvas.width, canvas.height] = [photo.width, photo.height].map((n) => Math.max(1, n * zoom));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(photo, 0, 0, canvas.width, canvas.height);
  const [left, top, right, bottom] = layout(photo.width, photo.height, how).box;
  const thick = Math.max(canvas.width, canvas.height) / 100;
  for (const [color, width] of [["white", 2 * thick], ["#a02c00", thick]]) { // seen on any photo
    Object.assign(context, { strokeStyle: color, lineWidth: width });
    context.strokeRect(left * zoom, top * zoom, (right - left) * zoom, (bottom - top) * zoom);
  }
}

function drawSeen(pixels) {
  const image = new ImageData(SIDE, SIDE);
  image.data.fill(255); // opaque
  pixels.forEach((value, i) => (image.data[Math.floor(i / 3) * 4 + (i % 3)] = value));
  byId("seen").getContext("2d", { willReadFrequently: true }).putImageData(image, 0, 0);
}

/** Tell the visitor; a screen reader reads it out. After an error no older answer is left. */
function say(text, isError = false) {
  byId("status").textContent = text;
  byId("status").className = isError ? "error" : "";
  if (isError) byId("result").hidden = true;
}

/** Take the first file of a drop or a paste. */
function take(transfer) {
  const [file] = transfer.files;
  if (file) classify(file);
  else say("That is no file: save the image, then choose it here.", true);
}

function listen() {
  byId("file").addEventListener("change", ({ target }) => {
    if (target.files[0]) classify(target.files[0]);
  });
  for (const input of document.querySelectorAll("input[name=how]")) {
    input.addEventListener("change", () => latest && classify(latest));
  }
  document.addEventListener("paste", (event) => take(event.clipboardData));
  for (const name of ["dragover", "dragleave", "drop"]) { // anywhere: a near miss must not leave
    document.addEventListener(name, (event) => {
      event.preventDefault();
      byId("drop").classList.toggle("over", name === "dragover");
      if (name === "drop") take(event.dataTransfer);
    });
  }
}

let network;
if (typeof NETWORK === "undefined") {
  say("weights.js is missing beside this page: copy the whole folder.", true);
} else {
  network = unpack(NETWORK);
  byId("classes").textContent = NETWORK.classes.join(", ");
  probabilities(new Uint8Array(SIDE * SIDE * 3).fill(128)); // compiles what the first photo needs
  window.classifier = { probabilities, classes: NETWORK.classes };
  listen();
}
