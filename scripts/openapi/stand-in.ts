/**
 * Whatever a route file asks of its service while it only declares routes: any property, any call, any instance is this
 * again. Nothing here ever runs a handler.
 */
export const standIn: unknown = new Proxy(function () {}, {
  get: (_target, name) => name === 'then' ? undefined : name === Symbol.toPrimitive ? () => 1 : name === Symbol.iterator ? () => [][Symbol.iterator]() : standIn,
  apply: () => standIn,
  construct: () => standIn as object
})
