// A wall of modes: pictures that one drags, edges that one clicks; the path of an edge is walked on it.

const instances = new WeakMap()
const WALK_MS = 4000

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector(".wall")
  if (!root || !data) return
  let view = instances.get(parentElement)
  if (!view || view.id !== data.id) {
    if (view) cancelAnimationFrame(view.frame)
    view = { id: data.id, edges: "before", places: Object.keys(data.places)[0], chosen: data.chosen, at: 0, frame: 0 }
    view.spots = data.places[view.places].map(spot => [...spot])
    instances.set(parentElement, view)
    build(root, data, view)
  }
  view.tell = setTriggerValue
  if (view.told !== data.chosen) {
    // The choice came from the table beside the wall.
    view.told = data.chosen
    if (view.chosen !== data.chosen) choose(root, data, view, data.chosen)
  }
  show(root, data, view)
  return () => cancelAnimationFrame(view.frame)
}

function build(root, data, view) {
  root.style.setProperty("--mark", data.mark)
  const places = root.querySelector(".places")
  for (const button of places.querySelectorAll("button")) button.remove()
  places.append(...Object.keys(data.places).map(name => {
    const button = element("button", name)
    button.type = "button"
    button.dataset.places = name
    button.onclick = () => {
      view.places = name
      view.spots = data.places[name].map(spot => [...spot])
      show(root, data, view)
    }
    return button
  }))
  for (const button of root.querySelectorAll("[data-edges]")) {
    button.onclick = () => { view.edges = button.dataset.edges; show(root, data, view) }
  }
  const svg = root.querySelector("svg")
  svg.replaceChildren(...data.edges.map((edge, row) => {
    const group = draw("g", "edge")
    group.setAttribute("role", "button")
    group.tabIndex = 0
    group.append(...["rim", "shade", "hit"].map(kind => draw("line", kind)))
    const pick = () => {
      choose(root, data, view, row)
      view.told = row
      view.tell("edge", row)
      play(root, data, view)
    }
    group.onclick = pick
    group.onkeydown = event => {
      if (event.key !== "Enter" && event.key !== " ") return
      event.preventDefault()
      pick()
    }
    return group
  }))
  root.querySelector(".nodes").replaceChildren(...data.modes.map((mode, k) => nodeOf(root, data, view, mode, k)))
  const slider = root.querySelector("input")
  slider.oninput = () => { stop(view); view.at = slider.value / 200; walk(root, data, view) }
  root.querySelector(".play").onclick = () => {
    if (view.playing) stop(view)
    else play(root, data, view)
    walk(root, data, view)
  }
  const legend = root.querySelector(".legend")
  explain(legend, [...data.kinds, ...data.bands])
  legend.children[data.kinds.length].before("Highest loss (nats):")
}

function nodeOf(root, data, view, mode, k) {
  const node = element("div", "", "node")
  node.tabIndex = 0
  node.style.setProperty("--kind", mode.color)
  node.setAttribute("role", "img")
  node.setAttribute("aria-label", `Mode ${k + 1}, ${mode.words}. Arrow keys move it.`)
  node.title = `Mode ${k + 1}, ${mode.words}`
  node.append(picture(mode.src), element("b", `${k + 1}`))
  if (mode.near.length) {
    const near = element("div", "", "near")
    near.title = data.nearWords
    near.append(...mode.near.map(picture))
    node.append(near)
  }
  const move = (x, y) => {
    view.spots[k] = [Math.min(96, Math.max(4, x)), Math.min(96, Math.max(4, y))]
    show(root, data, view)
  }
  node.onpointerdown = event => node.setPointerCapture(event.pointerId)
  node.onpointermove = event => {
    if (!event.buttons) return
    const box = root.querySelector(".board").getBoundingClientRect()
    move(100 * (event.clientX - box.left) / box.width, 100 * (event.clientY - box.top) / box.height)
  }
  node.onkeydown = event => {
    const step = { ArrowLeft: [-2, 0], ArrowRight: [2, 0], ArrowUp: [0, -2], ArrowDown: [0, 2] }[event.key]
    if (!step) return
    event.preventDefault()
    move(view.spots[k][0] + step[0], view.spots[k][1] + step[1])
  }
  return node
}

function choose(root, data, view, row) {
  stop(view)
  view.chosen = row
  view.at = 0
  show(root, data, view)
}

function play(root, data, view) {
  stop(view)
  if (view.at >= 1) view.at = 0
  view.playing = true
  let last = performance.now()
  const step = now => {
    view.at = Math.min(1, view.at + (now - last) / WALK_MS)
    last = now
    if (view.at >= 1) view.playing = false
    walk(root, data, view)
    if (view.playing) view.frame = requestAnimationFrame(step)
  }
  view.frame = requestAnimationFrame(step)
}

function stop(view) {
  view.playing = false
  cancelAnimationFrame(view.frame)
}

function show(root, data, view) {
  for (const button of root.querySelectorAll("[data-edges]")) {
    button.setAttribute("aria-pressed", button.dataset.edges === view.edges)
  }
  for (const button of root.querySelectorAll("[data-places]")) {
    button.setAttribute("aria-pressed", button.dataset.places === view.places)
  }
  ;[...root.querySelectorAll(".edge")].forEach((group, row) => {
    const edge = data.edges[row], own = edge[view.edges]
    const [[x1, y1], [x2, y2]] = [view.spots[edge.first], view.spots[edge.second]]
    for (const line of group.children) {
      for (const [name, value] of Object.entries({ x1, y1, x2, y2 })) line.setAttribute(name, value)
    }
    group.children[1].style.stroke = own.color
    group.classList.toggle("chosen", row === view.chosen)
    group.setAttribute("aria-label", `Modes ${edge.first + 1} to ${edge.second + 1}: at most ${own.words}. Walk along it.`)
  })
  ;[...root.querySelectorAll(".node")].forEach((node, k) => {
    node.style.left = `${view.spots[k][0]}%`
    node.style.top = `${view.spots[k][1]}%`
  })
  walk(root, data, view)
}

// The picture at a place of the chosen path, on its edge, and what is seen in it.
function walk(root, data, view) {
  const edge = data.edges[view.chosen], path = edge[view.edges], at = view.at
  const canvas = root.querySelector(".traveller")
  canvas.hidden = false
  const nodes = [edge.first, ...path.inner, edge.second]
  let right = path.stations.findIndex(station => station >= at)
  if (right < 1) right = 1
  const span = path.stations[right] - path.stations[right - 1]
  const share = span > 0 ? (at - path.stations[right - 1]) / span : 1
  blend(canvas, data.side, ...[right - 1, right].map(k => pixelsOf(data, view, nodes[k])), share)
  const [[x1, y1], [x2, y2]] = [view.spots[edge.first], view.spots[edge.second]]
  canvas.style.left = `${x1 + (x2 - x1) * at}%`
  canvas.style.top = `${y1 + (y2 - y1) * at}%`
  const k = Math.round(at * (path.loss.length - 1))
  const name = view.edges === "before" ? "straight path" : "path found"
  const words = `Modes ${edge.first + 1} to ${edge.second + 1}, ${name}: ` +
    `${Number(path.loss[k].toPrecision(3))} nats here, at most ${path.words}; seen as ${data.names[path.seen[k]]}`
  const told = root.querySelector(".told")
  told.textContent = words
  told.setAttribute("aria-live", view.playing ? "off" : "polite")
  const slider = root.querySelector("input")
  slider.value = Math.round(at * 200)
  slider.setAttribute("aria-valuetext", words)
  root.querySelector(".play").textContent = view.playing ? "Pause" : "Play"
}

// A mode by its number, or an inner node by its text, as bytes.
function pixelsOf(data, view, one) {
  view.pixels ??= new Map()
  if (!view.pixels.has(one)) {
    const text = typeof one === "number" ? data.modes[one].pixels : one
    view.pixels.set(one, Uint8Array.from(atob(text), c => c.charCodeAt(0)))
  }
  return view.pixels.get(one)
}

function blend(canvas, [height, width], one, other, share) {
  const context = canvas.getContext("2d")
  if (canvas.kept?.width !== width || canvas.kept.height !== height) {
    Object.assign(canvas, { width, height })
    canvas.kept = context.createImageData(width, height)
  }
  const levels = canvas.kept.data, channels = one.length / (width * height)
  for (let pixel = 0; pixel < levels.length; pixel += 4) {
    for (let channel = 0; channel < 3; channel++) {
      const i = pixel / 4 * channels + (channels === 1 ? 0 : channel)
      levels[pixel + channel] = one[i] + (other[i] - one[i]) * share
    }
    levels[pixel + 3] = 255
  }
  context.putImageData(canvas.kept, 0, 0)
}

function draw(tag, kind) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag)
  made.setAttribute("class", kind)
  return made
}

function picture(src) {
  const made = element("img")
  made.src = src
  made.alt = ""
  made.draggable = false
  return made
}
