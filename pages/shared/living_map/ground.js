// The map as it is drawn: shades of loss, borders between classes, routes, letters, pictures at their places.

const SMALL = 160 // pictures with shorter sides are enlarged pixel by pixel
const OUTSIDE = 65535 // no class
const ROUGH = 0.5, SMOOTH = 2 // pixels of the ground for each of the page: at first, and so that borders are smooth

// A colour as one number, as the pixels of an image lie in memory.
function shade(color) {
  const [red, green, blue] = [1, 3, 5].map(k => parseInt(color.slice(k, k + 2), 16))
  return (255 << 24 | blue << 16 | green << 8 | red) >>> 0
}

// Shades of loss and borders between classes, interpolated between the measured points.
function ground(scene, width, height) {
  const { map, mapLoss, mapSeen, borders } = scene
  const made = new OffscreenCanvas(width, height)
  const context = made.getContext("2d")
  const image = context.createImageData(width, height)
  const pixels = new Uint32Array(image.data.buffer)
  const shades = Uint32Array.from(scene.shades, shade), coast = shade(scene.colors.coast)
  const seen = new Uint16Array(width * height).fill(OUTSIDE)
  const at = new Uint32Array(4), by = new Float64Array(4)
  const [columns, rows] = map.size, [[iu, iv, i0], [ju, jv, j0]] = map.back
  const alike = ofOneClass(map, mapSeen)
  for (let y = 0, pixel = 0; y < height; y++) {
    const v = (y + 0.5) / height, ai = iv * v + i0, aj = jv * v + j0
    for (let x = 0; x < width; x++, pixel++) {
      const u = (x + 0.5) / width, i = iu * u + ai, j = ju * u + aj
      if (i < 0 || j < 0 || (map.hull ? i + j > columns - 1 : i > columns - 1 || j > rows - 1)) continue
      const count = around(map, i, j, at, by)
      let loss = 0
      for (let k = 0; k < count; k++) loss += by[k] * mapLoss[at[k]]
      let band = 0
      while (band < borders.length && loss > borders[band]) band++
      pixels[pixel] = shades[band]
      seen[pixel] = mapSeen[at[alike[at[1] - 1] ? 1 : commonest(mapSeen, at, by, count)]]
    }
  }
  const apart = (pixel, other) => seen[pixel] !== seen[other] && seen[pixel] !== OUTSIDE && seen[other] !== OUTSIDE
  for (let pixel = width; pixel < seen.length; pixel++) {
    if (apart(pixel, pixel - 1)) pixels[pixel] = pixels[pixel - 1] = coast
    if (apart(pixel, pixel - width)) pixels[pixel] = pixels[pixel - width] = coast
  }
  context.putImageData(image, 0, 0)
  return made
}

// Of each measured point: whether all corners of the cell that begins there are of one class.
function ofOneClass({ size: [columns, rows] }, classes) {
  const alike = new Uint8Array(columns * rows)
  for (let j = 0; j < rows - 1; j++) {
    for (let k = j * columns; k < (j + 1) * columns - 1; k++) {
      alike[k] = [k + 1, k + columns, k + columns + 1].every(corner => classes[corner] === classes[k])
    }
  }
  return alike
}

// Which of the points around a place has the class that most of their weight goes to.
function commonest(classes, at, by, count) {
  let best = 0, most = 0
  for (let k = 0; k < count; k++) {
    let share = 0
    for (let l = 0; l < count; l++) if (classes[at[l]] === classes[at[k]]) share += by[l]
    if (share > 0.5) return k
    if (share > most) { most = share; best = k }
  }
  return best
}

// Everything on the map that does not move, at the size of its canvas; `scale` is pixels a pixel of the page,
// `grain` those of the ground.
function chart(scene, width, height, scale, grain) {
  const { map } = scene
  const made = new OffscreenCanvas(width, height)
  const context = made.getContext("2d")
  context.scale(scale, scale)
  const [w, h] = [width / scale, height / scale]
  context.imageSmoothingQuality = "high"
  context.drawImage(ground(scene, Math.round(grain * w), Math.round(grain * h)), 0, 0, w, h)
  const spot = at => [affine(map.screen[0], ...at) * w, affine(map.screen[1], ...at) * h]
  points(context, scene, spot)
  const side = Math.round(Math.min(56, 0.11 * h)), boxes = []
  for (const { letter, at } of map.letters) {
    const [x, y] = spot(at)
    const box = { letter, at, x: x - side / 2, y: y > h / 2 ? y + 7 : y - 7 - side }
    if (!boxes.some(one => Math.abs(one.x - box.x) < side + 18 && Math.abs(one.y - box.y) < side)) boxes.push(box)
  }
  const free = (x, y) => !boxes.some(one => x > one.x - 24 && x < one.x + side + 14 && y > one.y - 8 && y < one.y + side + 8)
  if (map.ticks.length) ticks(context, scene, w, h, free)
  for (const route of map.routes) line(context, scene, route, spot)
  for (const { name, at } of map.regions) text(context, scene, name, spot(at), 13)
  for (const { letter, at, x, y } of boxes) {
    dot(context, ...spot(at), 4, scene.colors.ink, scene.colors.coast)
    if (scene.shape) thumbnail(context, scene, at, [x, y], side)
    text(context, scene, letter, [scene.shape ? x - 11 : x + side / 2, y + side / 2], 17)
  }
  return made
}

// Where the loss was measured, if there is room to show it.
function points(context, scene, spot) {
  const { size, hull } = scene.map
  const [left, right] = [spot([0, 0]), spot([1, 0])]
  if (right[0] - left[0] < 7) return
  context.fillStyle = `${scene.colors.ink}40`
  for (let j = 0; j < size[1]; j++) {
    for (let i = 0; i < (hull ? size[0] - j : size[0]); i++) {
      const [x, y] = spot([i, j])
      context.fillRect(x - 0.5, y - 0.5, 1, 1)
    }
  }
}

function ticks(context, scene, w, h, free) {
  const [across, up] = scene.map.ticks
  const seen = across.filter(([share]) => share > 0.04 && share < 0.96 && free(share * w, h - 13))
  // One number alone would tell nothing.
  for (const [share, words] of seen.length > 1 ? seen : []) {
    context.fillStyle = scene.colors.ink
    context.fillRect(share * w - 0.5, h - 5, 1, 5)
    text(context, scene, words, [share * w, h - 13], 11, 400)
  }
  for (const [share, words] of up) {
    context.fillStyle = scene.colors.ink
    context.fillRect(0, (1 - share) * h - 0.5, 5, 1)
    if (share > 0.1 && share < 0.96) text(context, scene, words, [9, (1 - share) * h], 11, 400, "left")
  }
}

function text(context, scene, words, [x, y], size, weight = 700, align = "center") {
  Object.assign(context, { textAlign: align, textBaseline: "middle", lineJoin: "round", lineWidth: 4 })
  context.font = `${weight} ${size}px ${scene.font}`
  context.strokeStyle = scene.colors.coast
  context.fillStyle = scene.colors.ink
  context.strokeText(words, x, y)
  context.fillText(words, x, y)
}

function line(context, scene, { name, at }, spot) {
  context.lineJoin = context.lineCap = "round"
  for (const [color, width] of [[scene.colors.coast, 6], [scene.colors[name], 3]]) {
    context.strokeStyle = color
    context.lineWidth = width
    context.beginPath()
    for (const one of at) context.lineTo(...spot(one))
    context.stroke()
  }
  for (const one of at) dot(context, ...spot(one), 3, scene.colors.ink, scene.colors.coast)
}

function dot(context, x, y, radius, color, rim) {
  context.beginPath()
  context.arc(x, y, radius, 0, 2 * Math.PI)
  context.lineWidth = 2
  context.strokeStyle = rim
  context.fillStyle = color
  context.fill()
  context.stroke()
}

function thumbnail(context, scene, at, [x, y], side) {
  const [height, width] = scene.shape
  const small = new OffscreenCanvas(width, height)
  paint(small, scene.shape, blend(scene, shares(scene.map, at), scene.sum))
  context.fillStyle = scene.colors.coast
  const w = side * width / Math.max(width, height), h = side * height / Math.max(width, height)
  const place = [x + (side - w) / 2, y + (side - h) / 2]
  context.fillRect(place[0] - 2, place[1] - 2, w + 4, h + 4)
  context.imageSmoothingEnabled = Math.max(height, width) >= SMALL
  context.drawImage(small, ...place, w, h)
  context.imageSmoothingEnabled = true
}

// The nodes that make the picture at a place of the map, and how much of each.
function shares(map, at) {
  return map.corners.map((node, k) => [node, affine(map.shares[k], ...at)])
}
