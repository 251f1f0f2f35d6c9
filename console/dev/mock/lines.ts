/** The most messages per second of a simulated stream. */
const mostPerSecond = 1000;

const rooms = ['front', 'back', 'store', 'yard', 'lab'];

/** The lines of a subscription to a stream or a table. The returned function gives those of the next milliseconds. */
export function linesOf(pattern: string, perSecond: number): (ms: number) => string[] {
  let sequence = 4200;
  let due = 0;
  const time = (): string => `${Date.now()}000000`;
  if (pattern.startsWith('table:')) {
    const entry = (key: string): string => `{"key":"${key}","version":${++sequence},"time":${time()},"text":"${sequence % 3 === 0 ? 'open' : 'shut'}"}`;
    return (ms) => {
      if (due === 0) {
        due = 1000;
        return rooms.map(entry);
      }
      due -= ms;
      return due > 0 ? [] : ((due = 1000), [entry(rooms[sequence % rooms.length]!)]);
    };
  }
  return (ms) => {
    due += (ms / 1000) * Math.min(perSecond, mostPerSecond);
    const count = Math.floor(due);
    due -= count;
    return Array.from({ length: count }, () => {
      const room = rooms[++sequence % rooms.length]!;
      const message = `{"door":"${room}","isOpen":${sequence % 2 === 0},"sentAt":${Date.now()}}`;
      return `{"queue":"doors","position":${sequence * 64},"sequence":${sequence},"time":${time()},"schema":"DoorMove","message":${message},"address":"lex://acme/doors/${room}/moves"}`;
    });
  };
}
