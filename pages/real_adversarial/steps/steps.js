// The steps of an attack: a slider moves through the pictures that the classifier was shown.

const instances = new WeakMap()

export default function (component) {
  const { data, parentElement } = component
  const root = parentElement.querySelector(".attack")
  if (!root || !data) return
  let view = instances.get(parentElement)
  if (!view || view.id !== data.id) {
    stop(view)
    view = { id: data.id, step: data.steps.length - 1, timer: 0 }
    instances.set(parentElement, view)
  }
  prepare(root, data, view)
  show(root, data, view)
  return () => stop(view)
}

function prepare(root, data, view) {
  for (const [name, color] of Object.entries(data.colors)) root.style.setProperty(`--${name}`, color)
  root.classList.toggle("small", data.small)
  const { source, reached } = data.names
  root.querySelector(".headline").replaceChildren(
    element("span", `${source} (${data.shares.source} sure)`), " → ", element("span", `${reached} (${data.shares.reached} sure)`))
  root.querySelector(".k").src = data.k
  root.querySelector(".k").alt = `Picture K, seen as ${source}`
  root.querySelector(".factor").textContent = `× ${data.factor}; grey is no change`
  for (const name of ["source", "reached"]) root.querySelector(`.${name} .name`).textContent = data.names[name]
  root.querySelector(".slider").hidden = data.steps.length < 2
  const slider = root.querySelector("input")
  slider.max = data.steps.length - 1
  const go = step => { view.step = step; show(root, data, view) }
  slider.oninput = () => { stop(view); go(Number(slider.value)) }
  root.querySelector(".play").onclick = () => {
    if (view.timer) { stop(view); return show(root, data, view) }
    go(0)
    view.timer = setInterval(() => {
      if (view.step + 1 >= data.steps.length - 1) stop(view)
      go(view.step + 1)
    }, 220)
    show(root, data, view)
  }
}

function stop(view) {
  if (!view) return
  clearInterval(view.timer)
  view.timer = 0
}

function show(root, data, view) {
  const step = data.steps[view.step], last = data.steps.length - 1
  const now = root.querySelector(".now"), change = root.querySelector(".change")
  now.src = step.picture
  change.src = step.change
  const name = view.step === last ? "K′" : view.step ? "on its way" : "K"
  now.alt = `The picture ${view.step === last ? "K prime" : "on its way to K prime"}, seen as ${step.seen}`
  change.alt = `What the attack has changed so far, amplified ${data.factor} times`
  root.querySelector(".what").replaceChildren(element("b", name), `, seen as ${step.seen}`)
  for (const bar of ["source", "reached"]) {
    const value = step[bar]
    const place = root.querySelector(`.bar.${bar}`)
    place.hidden = value === null
    place.querySelector(".value").textContent = percent(value)
    place.querySelector(".fill").style.width = `${100 * value}%`
  }
  const words = view.step === last ? `After step ${step.look} (the end)` : `After step ${step.look}`
  root.querySelector(".words").textContent = words
  const slider = root.querySelector("input")
  slider.value = view.step
  slider.setAttribute("aria-valuetext",
    `${words}: ${data.names.source} ${percent(step.source)}, ${data.names.reached} ${percent(step.reached)}`)
  root.querySelector(".play").textContent = view.timer ? "Stop" : "Play the attack"
}

function percent(share) {
  if (share >= 0.9995) return "over 99.9 %"
  return share < 0.0005 ? "under 0.1 %" : `${(100 * share).toFixed(1)} %`
}
