// One place, three views: the map, the pictures and the curve, moved by any of them, without the server.
// A place between the ends is the share of the way along the line that joins them, on the map too.

const instances = new WeakMap()

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector(".viewer")
  if (!root || !data) return
  const scene = header(data)
  let view = instances.get(parentElement)
  if (view?.scene.id !== scene.id) {
    stop(view)
    view = prepare(root, fill(scene, data))
    instances.set(parentElement, view)
  }
  view.ask = at => setTriggerValue("asked", at)
  view.resized ??= observe(root, view)
  connect(root, view)
  show(root, view)
  return () => stop(view)
}

function prepare(root, scene) {
  const { map, shape, ends } = scene
  const length = shape ? shape[0] * shape[1] * shape[2] : 0
  const sums = () => new Float64Array(length)
  const view = { scene, sum: sums(), straight: sums(), bypass: sums(), playing: false, pinned: false, frame: 0 }
  scene.sum = view.sum
  scene.font = getComputedStyle(root).fontFamily
  for (const [name, color] of Object.entries(scene.colors)) root.style.setProperty(`--${name}`, color)
  const part = name => root.querySelector(`.${name}`)
  for (const name of ["map", "key", "here"]) part(name).hidden = !map
  for (const name of ["pictures", "walk"]) part(name).hidden = !ends
  for (const name of ["bypass", "difference"]) part(`pictures .${name}`).hidden = !scene.bypassLoss
  part("pictures").classList.toggle("alone", !scene.bypassLoss)
  part("both").classList.toggle("mapped", Boolean(map))
  part("here").classList.toggle("blank", !shape)
  if (!shape) part("difference").hidden = true
  for (const name of ["save", "ask"]) part(name).hidden = !shape
  for (const canvas of root.querySelectorAll("figure canvas")) {
    canvas.hidden = !shape
    if (!shape) continue
    canvas.height = shape[0]
    canvas.width = shape[1]
    canvas.classList.toggle("small", Math.max(...shape) < SMALL)
  }
  if (ends) {
    for (const [name, letter] of [["to-a", ends[0]], ["to-c", ends[1]]]) {
      part(name).textContent = letter
      part(name).title = `Go to picture ${letter}`
    }
    root.querySelector("input").setAttribute("aria-label", `Place between ${ends[0]} and ${ends[1]}`)
    drawCurves(root, scene)
  }
  if (map) {
    part("map").style.aspectRatio = map.aspect
    part("map").setAttribute("aria-label", map.label)
    explain(part("legend"), scene.bands.map((name, k) => [name, scene.shades[k]]))
    part("legend").prepend("Loss (nats):")
    part("note").textContent = `Click to hold, arrow keys to step. ${map.note}, interpolated between them; ` +
      `white lines part classes. ${map.axes}`
  }
  if (ends) walk(view, scene.top)
  else moveTo(view, map.start)
  return view
}

// Go to a place between the ends; on the map, along the path found.
function walk(view, place) {
  const { map, stations } = view.scene
  view.place = Math.min(1, Math.max(0, place))
  view.pinned = false
  if (map) view.at = spotOn(map.routes.at(-1).at, stations, view.place)
}

// Go to a place of the map; between the ends, to where it lies along their line.
function moveTo(view, at) {
  const { map } = view.scene
  view.at = within(map, ...at)
  if (map.place) view.place = Math.min(1, Math.max(0, affine(map.place, ...view.at)))
}

function spotOn(spots, stations, place) {
  const [[a, first], [b, second]] = along(stations, place)
  return [0, 1].map(k => first * spots[a][k] + second * spots[b][k])
}

function observe(root, view) {
  const map = root.querySelector(".map")
  if (!view.scene.map) return null
  const observer = new ResizeObserver(() => { view.chart = null; show(root, view) })
  observer.observe(map)
  return observer
}

function connect(root, view) {
  const { scene } = view
  const pause = () => { view.playing = false; cancelAnimationFrame(view.frame) }
  const go = place => { pause(); walk(view, place); show(root, view) }
  const move = at => { pause(); moveTo(view, at); show(root, view) }
  if (scene.ends) connectWalk(root, view, go, pause)
  if (!scene.map) return
  const map = root.querySelector(".map")
  const under = event => {
    const box = map.getBoundingClientRect()
    const [u, v] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]
    return scene.map.back.map(row => affine(row, u, v))
  }
  // A mouse points without pressing, and a click holds the picture; a finger presses to point.
  map.onpointermove = event => {
    const mouse = event.pointerType === "mouse"
    if (mouse ? !view.pinned : event.buttons) move(under(event))
  }
  map.onpointerdown = event => {
    map.setPointerCapture(event.pointerId)
    view.pinned = event.pointerType === "mouse" && !view.pinned
    move(under(event))
  }
  map.onkeydown = event => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key]
    if (!step) return
    event.preventDefault()
    view.pinned = true
    const from = nearest(scene.map, ...view.at)
    move([from[0] + step[0], from[1] + step[1]])
  }
  root.querySelector(".save").onclick = () => save(root.querySelector(".here canvas"), `picture-${scene.id}`)
  root.querySelector(".save-map").onclick = () => save(map, `map-${scene.id}`)
  root.querySelector(".ask").onclick = () => view.ask(view.at)
}

function connectWalk(root, view, go, pause) {
  const slider = root.querySelector("input")
  slider.oninput = () => go(slider.value / 200)
  dragged(root.querySelector(".curve"), go)
  root.querySelector(".to-a").onclick = () => go(0)
  root.querySelector(".to-c").onclick = () => go(1)
  root.querySelector(".to-top").onclick = () => go(view.scene.top)
  root.querySelector(".play").onclick = () => {
    if (view.playing) { pause(); return show(root, view) }
    view.playing = true
    if (view.place >= 1) view.place = 0
    let last = performance.now()
    const step = now => {
      walk(view, view.place + (now - last) / 5000)
      last = now
      view.playing = view.place < 1
      if (view.playing) view.frame = requestAnimationFrame(step)
      show(root, view)
    }
    view.frame = requestAnimationFrame(step)
    show(root, view)
  }
}

function stop(view) {
  if (!view) return
  view.playing = false
  cancelAnimationFrame(view.frame)
  view.resized?.disconnect()
  view.resized = null
}

function show(root, view) {
  if (view.scene.ends) showPaths(root, view)
  if (view.scene.map) showMap(root, view)
}

function showPaths(root, view) {
  const { scene, place } = view
  if (scene.shape) {
    const last = scene.nodes.length - 1
    const straight = blend(scene, [[0, 1 - place], [last, place]], view.straight)
    paint(root.querySelector(".straight canvas"), scene.shape, straight)
    if (scene.bypassLoss) {
      const found = blend(scene, along(scene.stations, place), view.bypass)
      paint(root.querySelector(".bypass canvas"), scene.shape, found)
      for (let k = 0; k < found.length; k++) view.sum[k] = 0.5 + (found[k] - straight[k]) * scene.factor
      paint(root.querySelector(".difference canvas"), scene.shape, view.sum)
    }
  }
  const slider = root.querySelector("input")
  slider.value = Math.round(place * 200)
  const words = [read(root, scene, "straight", place), read(root, scene, "bypass", place)]
  root.querySelector(".difference .loss").textContent = `amplified × ${scene.factorText}`
  root.querySelector(".place").textContent = `place ${place.toFixed(3)}`
  slider.setAttribute("aria-valuetext", `place ${place.toFixed(2)}. ${words.filter(Boolean).join(". ")}`)
  for (const end of ["x1", "x2"]) root.querySelector(".cursor").setAttribute(end, 1000 * place)
  root.querySelector(".play").textContent = view.playing ? "Pause" : "Play"
}

function showMap(root, view) {
  const { scene, at } = view
  const { map } = scene
  const part = name => root.querySelector(`.here .${name}`)
  const mix = shares(map, at)
  if (scene.shape) paint(root.querySelector(".here canvas"), scene.shape, blend(scene, mix, view.sum))
  const [i, j] = nearest(map, ...at)
  const point = j * map.size[0] + i
  const loss = `${plain(scene.mapLoss[point])} nats`
  const seen = `seen as ${scene.names[scene.mapSeen[point]]}`
  const exact = Math.hypot(at[0] - i, at[1] - j) < 1e-6
  const parts = mix.map(([, share], k) => `${Math.round(100 * share)}\u00a0%\u00a0${map.names[k]}`)
  part("name").textContent = view.pinned ? "Here, held" : "Here"
  part("loss").textContent = loss
  part("seen").textContent = part("seen").title = seen
  part("mix").textContent = parts.join(" + ").replaceAll("+ -", "− ").replace(/^-/, "−")
  part("measured").textContent = exact ? "measured here" : "at the nearest measured point"
  const canvas = root.querySelector(".map")
  canvas.dataset.at = at.join()
  canvas.setAttribute("aria-valuenow", (view.place ?? Math.min(1, Math.max(0, mix[1][1]))).toFixed(3))
  canvas.setAttribute("aria-valuetext", `${loss}, ${seen}. ${parts.join(", ")}`)
  drawMap(canvas, view)
}

function drawMap(canvas, view) {
  const { scene, at, place } = view
  const scale = Math.min(2, devicePixelRatio || 1)
  const [width, height] = [canvas.clientWidth, canvas.clientHeight].map(side => Math.round(side * scale))
  if (!width || !height) return
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width
    canvas.height = height
  }
  if (!view.chart) {
    view.chart = chart(scene, width, height, scale, ROUGH)
    requestAnimationFrame(() => setTimeout(() => {
      view.chart = chart(scene, canvas.width, canvas.height, scale, SMOOTH)
      drawMap(canvas, view)
    }))
  }
  const context = canvas.getContext("2d")
  context.setTransform(1, 0, 0, 1, 0, 0)
  context.clearRect(0, 0, width, height)
  context.drawImage(view.chart, 0, 0)
  context.setTransform(scale, 0, 0, scale, 0, 0)
  const { map, colors } = scene
  const spot = one => [affine(map.screen[0], ...one) * width / scale, affine(map.screen[1], ...one) * height / scale]
  if (scene.ends) {
    for (const { name, at: nodes } of map.routes) {
      dot(context, ...spot(spotOn(nodes, nodes.length > 2 ? scene.stations : [0, 1], place)), 6, colors[name], colors.coast)
    }
  }
  const [x, y] = spot(at)
  for (const [color, thickness] of [[colors.coast, 5], [colors.ink, 2.5]]) {
    context.strokeStyle = color
    context.lineWidth = thickness
    context.beginPath()
    context.arc(x, y, 10, 0, 2 * Math.PI)
    context.stroke()
  }
  if (view.pinned) dot(context, x, y, 4, colors.ink, colors.coast)
}

function save(canvas, name) {
  canvas.toBlob(file => {
    const link = document.createElement("a")
    link.href = URL.createObjectURL(file)
    link.download = `isthmus-${name}.png`
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), 1000)
  })
}

function read(root, scene, name, place) {
  const losses = scene[`${name}Loss`]
  if (!losses) return ""
  const index = Math.round(place * (losses.length - 1))
  const loss = `${plain(losses[index])} nats`
  const seen = `seen as ${scene.names[scene[`${name}Seen`][index]]}`
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

function drawCurves(root, scene) {
  const curves = [scene.straightLoss, scene.bypassLoss].filter(Boolean)
  const highest = Math.max(scene.threshold * 1.5, ...curves.flatMap(losses => [...losses]))
  const y = loss => 96 - 92 * loss / highest
  const paths = curves.length > 1 ? "both paths" : "the straight path"
  root.querySelector(".scale").textContent =
    `Loss along ${paths}, up to ${plain(highest)} nats; dashed, the threshold of ${plain(scene.threshold)} nats`
  for (const name of ["straight", "bypass"]) {
    const losses = scene[`${name}Loss`] ?? []
    const points = [...losses].map((loss, i) => `${1000 * i / (losses.length - 1)},${y(loss).toFixed(2)}`)
    root.querySelector(`polyline.${name}`).setAttribute("points", points.join(" "))
  }
  const line = root.querySelector(".threshold")
  line.setAttribute("y1", y(scene.threshold))
  line.setAttribute("y2", y(scene.threshold))
}
