// What several components need. They run as one module each, with this at its end.

function element(tag, words, kind) {
  const made = document.createElement(tag)
  if (words) made.textContent = words
  if (kind) made.className = kind
  return made
}

// What colours mean, [name, colour] each.
function explain(legend, colors) {
  legend.replaceChildren(...colors.map(([name, color]) => {
    const entry = element("span"), swatch = element("i")
    swatch.style.background = color
    entry.append(swatch, name)
    return entry
  }))
}

// While a pointer is pressed on a place, `go` is told how far across it is, from 0 to 1.
function dragged(place, go) {
  const drag = event => {
    const box = place.getBoundingClientRect()
    go((event.clientX - box.left) / box.width)
  }
  place.onpointerdown = event => { place.setPointerCapture(event.pointerId); drag(event) }
  place.onpointermove = event => { if (event.buttons) drag(event) }
}
