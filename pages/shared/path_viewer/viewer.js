// Blends the nodes of two paths on canvases, at any place between their ends, without the server.
// straight(p) = (1 - p) A + p C;  found(p) = straight(p) + bend(p), bend linear between nodes.

const instances = new WeakMap()

export default function (component) {
  const { data, parentElement } = component
  const root = parentElement.querySelector(".viewer")
  if (!root || !data) return
  let view = instances.get(parentElement)
  if (!view || view.id !== data.id) {
    stop(view)
    view = prepare(root, data)
    instances.set(parentElement, view)
  }
  style(root, data.colors)
  connect(root, view)
  show(root, view)
  return () => stop(view)
}

function prepare(root, data) {
  const [height, width, channels] = data.shape
  const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0))
  const view = {
    ...data, height, width, channels,
    a: bytes(data.ends[0]), c: bytes(data.ends[1]),
    bends: data.bends.map(bend => ({ ...bend, values: bytes(bend.values) })),
    place: data.start, frame: 0, playing: false,
  }
  const [from, to] = data.letters
  root.querySelector("input").setAttribute("aria-label", `Place between ${from} and ${to}`)
  for (const [name, letter] of [["to-a", from], ["to-c", to]]) {
    const button = root.querySelector(`.${name}`)
    button.textContent = letter
    button.title = `Go to picture ${letter}`
  }
  const two = Boolean(data.curves.bypass)
  for (const name of ["bypass", "difference"]) root.querySelector(`figure.${name}`).hidden = !two
  root.querySelector(".pictures").classList.toggle("alone", !two)
  for (const canvas of root.querySelectorAll("canvas")) {
    canvas.width = width
    canvas.height = height
    canvas.classList.toggle("small", Math.max(width, height) < 160)
  }
  drawCurves(root, view)
  return view
}

function style(root, colors) {
  for (const [name, color] of Object.entries(colors)) root.style.setProperty(`--${name}`, color)
}

function connect(root, view) {
  const slider = root.querySelector("input")
  const curve = root.querySelector(".curve")
  const go = place => {
    view.place = Math.min(1, Math.max(0, place))
    show(root, view)
  }
  const pause = () => { view.playing = false; cancelAnimationFrame(view.frame); label(root, view) }
  slider.oninput = () => { pause(); go(slider.value / 200) }
  const drag = event => {
    const box = curve.getBoundingClientRect()
    pause()
    go((event.clientX - box.left) / box.width)
  }
  curve.onpointerdown = event => { curve.setPointerCapture(event.pointerId); drag(event) }
  curve.onpointermove = event => { if (event.buttons) drag(event) }
  root.querySelector(".to-a").onclick = () => { pause(); go(0) }
  root.querySelector(".to-c").onclick = () => { pause(); go(1) }
  root.querySelector(".to-top").onclick = () => { pause(); go(view.top) }
  root.querySelector(".play").onclick = () => {
    if (view.playing) return pause()
    view.playing = true
    if (view.place >= 1) view.place = 0
    let last = performance.now()
    const step = now => {
      go(view.place + (now - last) / 5000)
      last = now
      if (view.place >= 1) return pause()
      if (view.playing) view.frame = requestAnimationFrame(step)
    }
    view.frame = requestAnimationFrame(step)
    label(root, view)
  }
}

function stop(view) {
  if (!view) return
  view.playing = false
  cancelAnimationFrame(view.frame)
}

function show(root, view) {
  const place = view.place
  const bend = bendAt(view, place)
  paint(root.querySelector(".straight canvas"), view, i => mix(view, i, place))
  if (view.curves.bypass) {
    paint(root.querySelector(".bypass canvas"), view, i => mix(view, i, place) + bend[i])
    paint(root.querySelector(".difference canvas"), view, i => 127.5 + bend[i] * view.factor)
  }
  const slider = root.querySelector("input")
  slider.value = Math.round(place * 200)
  const words = [read(root, view, "straight", place), read(root, view, "bypass", place)]
  root.querySelector(".difference .loss").textContent = `amplified × ${view.factorText}`
  root.querySelector(".place").textContent = `place ${place.toFixed(3)}`
  slider.setAttribute("aria-valuetext", `place ${place.toFixed(2)}. ${words.filter(Boolean).join(". ")}`)
  const cursor = root.querySelector(".cursor")
  cursor.setAttribute("x1", 1000 * place)
  cursor.setAttribute("x2", 1000 * place)
  label(root, view)
}

function label(root, view) {
  root.querySelector(".play").textContent = view.playing ? "Pause" : "Play"
}

function mix(view, i, place) {
  return (1 - place) * view.a[i] + place * view.c[i]
}

// The difference between the two paths at a place, in levels of 0 to 255.
function bendAt(view, place) {
  const result = new Float32Array(view.a.length)
  const at = view.stations
  let right = at.findIndex(station => station >= place)
  if (right < 1) right = 1
  const span = at[right] - at[right - 1]
  const share = span > 0 ? (place - at[right - 1]) / span : 1
  for (const [node, weight] of [[right - 1, 1 - share], [right, share]]) {
    const bend = view.bends[node]
    if (!bend.scale || !weight) continue
    const unit = weight * bend.scale * 255 / 127
    for (let i = 0; i < result.length; i++) result[i] += (bend.values[i] - 128) * unit
  }
  return result
}

function paint(canvas, view, value) {
  const context = canvas.getContext("2d")
  const image = context.createImageData(view.width, view.height)
  const grey = view.channels === 1
  for (let pixel = 0; pixel < view.width * view.height; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      image.data[4 * pixel + channel] = value(grey ? pixel : 3 * pixel + channel)
    }
    image.data[4 * pixel + 3] = 255
  }
  context.putImageData(image, 0, 0)
}

function read(root, view, name, place) {
  const curve = view.curves[name]
  if (!curve) return ""
  const index = Math.round(place * (curve.loss.length - 1))
  const loss = `${plain(curve.loss[index])} nats`
  const seen = `seen as ${view.names[curve.seen[index]]}`
  const figure = root.querySelector(`figure.${name}`)
  figure.querySelector(".loss").textContent = loss
  figure.querySelector(".seen").textContent = seen
  figure.querySelector(".seen").title = seen
  return `${figure.querySelector(".name").textContent}: ${loss}, ${seen}`
}

function plain(value) {
  if (value === 0 || Math.abs(value) >= 1e-4) return String(Number(value.toPrecision(3)))
  const [mantissa, exponent] = value.toExponential(1).split("e")
  return `${mantissa}×10${[...exponent].map(c => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)] ?? "").join("")}`
}

function drawCurves(root, view) {
  const curves = [view.curves.straight, view.curves.bypass].filter(Boolean)
  const highest = Math.max(view.threshold * 1.5, ...curves.flatMap(curve => curve.loss))
  const y = loss => 96 - 92 * loss / highest
  for (const name of ["straight", "bypass"]) {
    const curve = view.curves[name]
    const points = curve ? curve.loss.map((loss, i) => `${1000 * i / (curve.loss.length - 1)},${y(loss).toFixed(2)}`) : []
    root.querySelector(`polyline.${name}`).setAttribute("points", points.join(" "))
  }
  const line = root.querySelector(".threshold")
  line.setAttribute("y1", y(view.threshold))
  line.setAttribute("y2", y(view.threshold))
}
