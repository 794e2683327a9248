// What the server packed, and blends of it. Pixels are in [0, 1], as floats, until they are painted.

const KINDS = { u1: Uint8Array, u2: Uint16Array, f4: Float32Array }

// The header alone; `fill` reads the arrays.
function header(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
  const scene = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)))
  return { ...scene, begin: 4 + length }
}

function fill(scene, bytes) {
  scene.nodes = []
  for (const [name, kind, from, to] of scene.arrays) {
    const begin = bytes.byteOffset + scene.begin
    const values = new KINDS[kind](bytes.buffer.slice(begin + from, begin + to))
    if (!name.startsWith("node")) scene[name] = values
    else scene.nodes.push(kind === "u1" ? Float32Array.from(values, level => level / 255) : values)
  }
  return scene
}

// The sum of weight * node over up to three terms, [node, weight] each, in `sum`: one pass, nothing allocated.
function blend({ nodes }, [[a, u], [b, v] = [a, 0], [c, w] = [a, 0]], sum) {
  const one = nodes[a], other = nodes[b], third = nodes[c], count = sum.length
  if (w === 0) for (let k = 0; k < count; k++) sum[k] = u * one[k] + v * other[k]
  else for (let k = 0; k < count; k++) sum[k] = u * one[k] + v * other[k] + w * third[k]
  return sum
}

// Clipped to [0, 1] and rounded to 8 bits, as the engine does it.
function paint(canvas, [height, width, channels], values) {
  const context = canvas.getContext("2d")
  const same = canvas.kept?.width === width && canvas.kept.height === height
  const image = canvas.kept = same ? canvas.kept : context.createImageData(width, height)
  const levels = image.data, [green, blue] = channels === 3 ? [1, 2] : [0, 0]
  for (let pixel = 0, k = 0; pixel < levels.length; pixel += 4, k += channels) {
    levels[pixel] = Math.fround(Math.fround(values[k]) * 255)
    levels[pixel + 1] = Math.fround(Math.fround(values[k + green]) * 255)
    levels[pixel + 2] = Math.fround(Math.fround(values[k + blue]) * 255)
    levels[pixel + 3] = 255
  }
  context.putImageData(image, 0, 0)
}

const affine = (row, i, j) => row[0] * i + row[1] * j + row[2]

// Which of a path's nodes make the picture at a place, and how much of each.
function along(stations, place) {
  let right = stations.findIndex(station => station >= place)
  if (right < 1) right = 1
  const span = stations[right] - stations[right - 1]
  const share = span > 0 ? (place - stations[right - 1]) / span : 1
  return [[right - 1, 1 - share], [right, share]]
}

// The measured points around a place of the grid, in `at`, and their weights, in `by`; returns how many.
// Planes are interpolated between four points, hulls, whose cells are triangles, between three.
function around(map, i, j, at, by) {
  const [columns, rows] = map.size
  const left = Math.max(0, Math.min(Math.floor(i), columns - 2))
  const low = Math.max(0, Math.min(Math.floor(j), rows - 2))
  const a = i - left, b = j - low, corner = low * columns + left
  at[1] = corner + 1
  at[2] = corner + columns
  if (map.hull) {
    const upper = a + b > 1 + 1e-9
    at[0] = upper ? corner + columns + 1 : corner
    by[0] = upper ? a + b - 1 : 1 - a - b
    by[1] = upper ? 1 - b : a
    by[2] = upper ? 1 - a : b
    return 3
  }
  at[0] = corner
  at[3] = corner + columns + 1
  by[0] = (1 - a) * (1 - b)
  by[1] = a * (1 - b)
  by[2] = (1 - a) * b
  by[3] = a * b
  return 4
}

// The place itself, or the nearest one on the map.
function within(map, i, j) {
  const [columns, rows] = map.size
  i = Math.max(0, Math.min(columns - 1, i))
  j = Math.max(0, Math.min(rows - 1, j))
  const last = columns - 1, over = map.hull ? i + j - last : 0
  if (over <= 0) return [i, j]
  if (i < over / 2) return [0, last]
  return j < over / 2 ? [last, 0] : [i - over / 2, j - over / 2]
}

// The measured point nearest to a place.
function nearest(map, i, j) {
  const at = [], by = []
  const count = around(map, i, j, at, by)
  let best = 0
  for (let k = 1; k < count; k++) if (by[k] > by[best]) best = k
  return [at[best] % map.size[0], Math.floor(at[best] / map.size[0])]
}
