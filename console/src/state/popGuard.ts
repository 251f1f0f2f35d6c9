/** Called for a step through the history of the browser before the router. If it returns true, the router ignores the step. */
export const popGuard: { current: ((event: PopStateEvent) => boolean) | null } = { current: null };

// Registered before the router exists. Listeners of the window run in the order of their registration.
addEventListener('popstate', (event) => {
  if (popGuard.current?.(event) === true) {
    event.stopImmediatePropagation();
  }
});
