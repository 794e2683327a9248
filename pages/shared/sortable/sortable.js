// A table sorted by the column whose head is clicked: the highest first, a second click the lowest.
// Where its rows have names, each begins with a box to choose it by.

const instances = new WeakMap()

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector(".sortable")
  if (!root || !data) return
  const view = instances.get(parentElement) ?? { by: data.by, down: true }
  instances.set(parentElement, view)
  root.setAttribute("aria-label", data.label)
  root.classList.toggle("cards", data.wide > 0)
  show(root, data, view, setTriggerValue)
}

function show(root, data, view, tell) {
  const heads = data.columns.map((title, column) => {
    const head = element("th", "", column && data.wide && column >= data.wide ? "wide" : "")
    const button = element("button")
    button.type = "button"
    const on = view.by === column
    button.textContent = on ? `${title} ${view.down ? "▾" : "▴"}` : title
    button.onclick = () => {
      view.down = on ? !view.down : column > 0
      view.by = column
      show(root, data, view, tell)
      root.querySelectorAll("thead button")[column].focus()
    }
    head.scope = "col"
    head.setAttribute("aria-sort", on ? (view.down ? "descending" : "ascending") : "none")
    head.append(button)
    return head
  })
  if (data.names.length) heads.unshift(element("td"))
  const line = element("tr")
  line.append(...heads)
  root.querySelector("thead").replaceChildren(line)
  const numbered = data.rows.map((row, number) => ({ row, name: data.names[number] }))
  root.querySelector("tbody").replaceChildren(...sorted(numbered, view).map(({ row, name }) => {
    const made = element("tr")
    if (name) made.append(box(name, row[0].words, data.chosen, tell))
    made.append(...row.map((cell, column) => cellOf(cell, column, data.wide)))
    for (const link of made.querySelectorAll("a")) {
      // A click stays in this session, as Forward does; one that opens another tab is the browser's.
      link.onclick = event => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return
        event.preventDefault()
        history.pushState({}, "", link.href)
        dispatchEvent(new PopStateEvent("popstate"))
      }
    }
    return made
  }))
}

function sorted(rows, { by, down }) {
  const turn = down ? -1 : 1
  return rows.sort((one, other) => {
    const a = one.row[by], b = other.row[by]
    if (a.value === null && b.value === null) return turn * a.words.localeCompare(b.words)
    if (a.value === null || b.value === null) return a.value === null ? 1 : -1
    return turn * (a.value - b.value)
  })
}

function box(name, words, chosen, tell) {
  const place = element("td"), input = element("input")
  input.type = "checkbox"
  input.checked = chosen.includes(name)
  input.setAttribute("aria-label", `Choose ${words}`)
  input.onchange = () =>
    tell("chosen", input.checked ? [...chosen, name] : chosen.filter(other => other !== name))
  place.className = "box"
  place.append(input)
  return place
}

function cellOf(cell, column, wide) {
  const made = element(column ? "td" : "th", "", column && wide && column >= wide ? "wide" : "")
  if (!column) made.scope = "row"
  if (cell.value !== null) made.classList.add("number")
  made.title = cell.hover
  if (cell.pictures.length) {
    const pictures = element("span", "", "pictures")
    pictures.append(...cell.pictures.map(uri => Object.assign(element("img"), { src: uri, alt: "" })))
    made.append(pictures)
  }
  let words = element(cell.marked ? "b" : "span", cell.words, "words")
  if (cell.href) words = Object.assign(element("a", cell.words, "words"), { href: cell.href, target: "_self" })
  made.append(words)
  made.append(...cell.lines.map(line => element("small", line)))
  return made
}
