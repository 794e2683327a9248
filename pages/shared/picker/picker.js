// Slots and a grid of pictures: a click on a picture puts it into the marked slot.
// The grid holds the pictures of the marked slot's group, and those of no group.

const active = new WeakMap()

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const slots = parentElement.querySelector(".slots")
  const grid = parentElement.querySelector(".grid")
  if (!slots || !data) return
  const names = Object.keys(data.slots)
  const state = active.get(parentElement) ?? { slot: names[0] }
  active.set(parentElement, state)

  const groupOf = name => data.slots[name].group
  const alike = names.every(name => groupOf(name) === groupOf(names[0]))
  const mark = name => {
    const other = groupOf(name) !== groupOf(state.slot)
    state.slot = name
    if (other) fill()
    for (const slot of slots.children) {
      const on = slot.dataset.slot === name
      slot.setAttribute("aria-checked", on)
      slot.tabIndex = on ? 0 : -1
    }
  }
  const fill = () => {
    const group = groupOf(state.slot)
    const offered = data.pictures.filter(picture => !picture.group || picture.group === group)
    grid.replaceChildren(...offered.map(picture => {
      const button = thumb(picture, data.slots)
      button.onclick = () => {
        setTriggerValue("chosen", { slot: state.slot, picture: picture.ref })
        // Where slots take different pictures, the grid would change under the pointer.
        if (alike) mark(names[(names.indexOf(state.slot) + 1) % names.length])
      }
      return button
    }))
  }
  const slotButtons = names.map(name => slotButton(name, data.slots[name]))
  slotButtons.forEach((button, i) => {
    button.onclick = () => mark(names[i])
    button.onkeydown = event => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
      if (!step) return
      event.preventDefault()
      const next = (i + step + names.length) % names.length
      mark(names[next])
      slotButtons[next].focus()
    }
  })
  slots.replaceChildren(...slotButtons)
  mark(state.slot)

  const focused = parentElement.activeElement?.dataset?.ref
  const scroll = grid.scrollTop
  fill()
  grid.scrollTop = scroll
  if (focused) [...grid.children].find(child => child.dataset.ref === focused)?.focus({ preventScroll: true })
}

function slotButton(name, slot) {
  const button = element("button", "", "slot")
  button.type = "button"
  button.dataset.slot = name
  button.setAttribute("role", "radio")
  button.setAttribute("aria-label", `Picture ${slot.letter}: ${slot.title || "none yet"}. ${slot.note}`)
  button.append(element("span", slot.letter, "letter"))
  button.append(slot.src ? image(slot) : element("span", "", "none"))
  const what = element("span", slot.title || "choose a picture", "what")
  what.append(element("small", slot.note))
  button.append(what)
  return button
}

function thumb(picture, slots) {
  const button = element("button", "", "thumb")
  button.type = "button"
  button.dataset.ref = picture.ref
  const letters = Object.values(slots).filter(slot => slot.ref === picture.ref).map(slot => slot.letter)
  const words = [picture.title, picture.note, letters.length ? `chosen as ${letters.join(" and ")}` : ""]
  button.title = words.filter(Boolean).join(", ")
  button.setAttribute("aria-label", button.title)
  button.setAttribute("aria-pressed", letters.length > 0)
  button.append(image(picture))
  if (letters.length) {
    button.classList.add("chosen")
    button.append(element("span", letters.join(""), "mark"))
  }
  return button
}

function image(picture) {
  const img = element("img", "", picture.small ? "small" : "")
  img.src = picture.src
  img.alt = ""
  return img
}
