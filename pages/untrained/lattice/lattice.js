// Site percolation, live: one random field, thresholded at p; its clusters by union-find, all in the browser.

const instances = new WeakMap()
const CRITICAL = 0.592746
const FIRST = 1, LAST = 2

// A number of [0, 1) for each of side * side sites, the same for the same seed.
export function field(side, seed) {
  const levels = new Float64Array(side * side)
  let state = (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(side, 0x85ebca6b)) >>> 0
  for (let site = 0; site < levels.length; site++) {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    levels[site] = ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  return levels
}

// Sites that are joined: each leads to the root of its cluster, which knows its size and the rows it touches.
class Forest {
  constructor(side) {
    this.side = side
    this.parent = new Int32Array(side * side)
    this.size = new Int32Array(side * side)
    this.touches = new Uint8Array(side * side)
    this.clear()
  }

  clear() {
    this.parent.fill(-1)
    this.size.fill(0)
    this.touches.fill(0)
    this.largest = 0
    this.spans = false
    return this
  }

  root(site) {
    const parent = this.parent
    while (parent[site] !== site) site = parent[site] = parent[parent[site]]
    return site
  }

  // A site joins the cluster of a root, or begins one of its own.
  occupy(site, root = site) {
    this.parent[site] = root
    this.size[root]++
    this.touches[root] |= (site < this.side ? FIRST : 0) | (site >= this.parent.length - this.side ? LAST : 0)
    this.note(root)
  }

  join(one, other) {
    let a = this.root(one), b = this.root(other)
    if (a === b) return
    if (this.size[a] < this.size[b]) [a, b] = [b, a]
    this.parent[b] = a
    this.size[a] += this.size[b]
    this.touches[a] |= this.touches[b]
    this.note(a)
  }

  note(root) {
    if (this.size[root] > this.largest) this.largest = this.size[root]
    if (this.touches[root] === (FIRST | LAST)) this.spans = true
  }
}

// The clusters of the sites whose level is below p: `root` of each site, -1 where it is empty; how many sites
// are occupied; the roots of the largest cluster and of the largest one that spans, -1 where there is none.
// All in the memory of a forest that may have been used before.
export function clusters(levels, side, p, forest = new Forest(side)) {
  const parent = forest.clear().parent
  let occupied = 0
  for (let site = 0, column = 0; site < levels.length; site++, column = column + 1 === side ? 0 : column + 1) {
    if (levels[site] >= p) continue
    occupied++
    forest.occupy(site, column && parent[site - 1] >= 0 ? forest.root(site - 1) : site)
    if (site >= side && parent[site - side] >= 0) forest.join(site, site - side)
  }
  let largest = -1, spanning = -1
  for (let site = 0; site < levels.length; site++) {
    if (parent[site] < 0) continue
    const root = forest.root(site)
    parent[site] = root
    if (largest < 0 || forest.size[root] > forest.size[largest]) largest = root
    const through = forest.touches[root] === (FIRST | LAST)
    if (through && (spanning < 0 || forest.size[root] > forest.size[spanning])) spanning = root
  }
  return { root: parent, size: forest.size, occupied, largest, spanning }
}

// What happens as the grid fills, one site after the other: the size of the largest cluster after each, and the
// level of the site with which a cluster first spans.
export function course(levels, side) {
  // Numbers are sorted fast, so the site stands behind the digits of its level, which are 32 bits.
  const keys = Float64Array.from(levels, (level, site) => level * 2 ** 48 + site).sort()
  const sites = Uint16Array.from(keys, key => key % 2 ** 16)
  const order = Float64Array.from(sites, site => levels[site])
  const forest = new Forest(side)
  const largest = new Int32Array(sites.length)
  let spanning = 1
  sites.forEach((site, number) => {
    forest.occupy(site)
    if (site % side && forest.parent[site - 1] >= 0) forest.join(site, site - 1)
    if ((site + 1) % side && forest.parent[site + 1] >= 0) forest.join(site, site + 1)
    if (site >= side && forest.parent[site - side] >= 0) forest.join(site, site - side)
    if (site + side < levels.length && forest.parent[site + side] >= 0) forest.join(site, site + side)
    largest[number] = forest.largest
    if (forest.spans && spanning === 1) spanning = order[number]
  })
  return { order, largest, spanning }
}

export default function (component) {
  const { data, parentElement } = component
  const root = parentElement.querySelector(".lattice")
  if (!root || !data) return
  let view = instances.get(parentElement)
  if (!view) {
    view = { p: data.p, side: data.side, seed: data.seed, frame: 0, flash: 0, filling: 0 }
    instances.set(parentElement, view)
    build(root, data)
    refill(root, view)
  }
  connect(root, view)
  draw(root, view, data)
  return () => cancelAnimationFrame(view.frame)

  function connect(root, view) {
    const ask = () => {
      cancelAnimationFrame(view.frame)
      view.frame = requestAnimationFrame(now => frame(now))
    }
    const frame = now => {
      if (view.filling) {
        view.p = Math.min(0.8, view.p + Math.min(50, now - view.filling) / 12000)
        view.filling = view.p < 0.8 ? now : 0
      }
      draw(root, view, data)
      if (view.filling || performance.now() < view.flash) ask()
    }
    const go = p => { view.filling = 0; view.p = Math.round(1000 * Math.min(1, Math.max(0, p))) / 1000; ask() }
    root.querySelector(".p").oninput = event => go(Number(event.target.value))
    for (const button of root.querySelectorAll("[data-p]")) button.onclick = () => go(Number(button.dataset.p))
    root.querySelector(".threshold").onclick = () => go(CRITICAL)
    root.querySelector(".fill").onclick = () => {
      if (view.filling) { view.filling = 0; return ask() }
      view.p = 0.3
      view.filling = performance.now()
      ask()
    }
    dragged(root.querySelector(".chart"), go)
    root.querySelector(".another").onclick = () => { view.seed++; refill(root, view); ask() }
    root.querySelector(".sides").onchange = event => {
      view.side = Number(event.target.value)
      refill(root, view)
      ask()
    }
  }
}

function build(root, data) {
  root.style.setProperty("--curve", data.colors[3][1])
  explain(root.querySelector(".legend"), data.colors)
  root.querySelector(".sides").replaceChildren(...data.sides.map(side => new Option(`${side}`, side)))
  const line = root.querySelector(".critical")
  for (const end of ["x1", "x2"]) line.setAttribute(end, 1000 * CRITICAL)
}

function refill(root, view) {
  view.levels = field(view.side, view.seed)
  view.course = course(view.levels, view.side)
  view.forest = new Forest(view.side)
  view.spanned = null
  const { order, largest } = view.course
  const points = []
  for (let k = 0, n = 0; k <= 250; k++) {
    while (n < order.length && order[n] < k / 250) n++
    points.push(`${4 * k},${(290 - 280 * (n ? largest[n - 1] / n : 0)).toFixed(1)}`)
  }
  root.querySelector("polyline").setAttribute("points", points.join(" "))
  root.querySelector(".sides").value = view.side
}

// All that is shown of a p, from one set of clusters: grid, words and marker cannot disagree.
function draw(root, view, data) {
  const { p, side, levels } = view
  const found = clusters(levels, side, p, view.forest)
  const spans = found.spanning >= 0
  if (spans && view.spanned === false) {
    view.flash = performance.now() + 700
    const words = root.querySelector(".flash")
    words.classList.remove("on")
    void words.offsetWidth
    words.classList.add("on")
  }
  view.spanned = spans
  const glow = Math.max(0, (view.flash - performance.now()) / 700)
  paint(root.querySelector("canvas"), found, side, data.colors, matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : glow)
  const held = found.occupied ? found.size[found.largest] / found.occupied : 0
  const answer = sentence(found, held, levels.length)
  root.querySelector(".answer").replaceChildren(element("b", answer[0]), ` ${answer[1]}`)
  root.querySelector("canvas").setAttribute("aria-label", answer.join(" "))
  root.querySelector(".value").textContent = `${percent(p)} of the sites occupied (p = ${p.toFixed(3)})`
  const slider = root.querySelector(".p")
  slider.value = p
  slider.setAttribute("aria-valuetext", `p ${p.toFixed(3)}. ${answer.join(" ")}`)
  const cursor = root.querySelector(".cursor")
  for (const end of ["x1", "x2"]) cursor.setAttribute(end, 1000 * p)
  const dot = root.querySelector(".dot")
  dot.style.left = `${100 * p}%`
  dot.style.top = `${(290 - 280 * held) / 3}%`
  root.querySelector(".fill").textContent = view.filling ? "Stop" : "Fill it"
}

function sentence(found, held, sites) {
  if (!found.occupied) return ["Empty.", `None of the ${sites.toLocaleString("en")} sites is occupied.`]
  const largest = `The largest cluster holds ${percent(held)} of the occupied sites.`
  if (found.spanning < 0) return ["No cluster spans the grid.", largest]
  return ["A cluster spans the grid:", `one can walk from top to bottom. ${largest}`]
}

function paint(canvas, found, side, colors, glow) {
  const context = canvas.getContext("2d")
  if (canvas.kept?.width !== side) {
    canvas.width = canvas.height = side
    canvas.kept = context.createImageData(side, side)
  }
  const image = canvas.kept
  const pixels = new Uint32Array(image.data.buffer)
  const [empty, occupied, largest, spanning] = colors.map(([, color]) => packed(color, 0))
  const bright = glow ? packed(colors[3][1], glow) : spanning
  const { root } = found
  for (let site = 0; site < root.length; site++) {
    const own = root[site]
    pixels[site] = own < 0 ? empty
      : own === found.spanning ? bright
      : own === found.largest ? largest : occupied
  }
  context.putImageData(image, 0, 0)
}

// "#rrggbb" as a little-endian pixel, this far on its way to white.
function packed(color, glow) {
  const [r, g, b] = [1, 3, 5].map(at => parseInt(color.slice(at, at + 2), 16))
    .map(value => Math.round(value + (255 - value) * glow))
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`
}
