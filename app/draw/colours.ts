/** The values of custom properties, for what is painted on a canvas. */
export function customProperties<Name extends string>(
  element: Element,
  names: Readonly<Record<Name, string>>,
): Readonly<Record<Name, string>> {
  const style = getComputedStyle(element)
  const values = {} as Record<Name, string>
  for (const name in names) values[name] = style.getPropertyValue(names[name]).trim()
  return values
}
