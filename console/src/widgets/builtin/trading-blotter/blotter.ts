import type { JsonObject, JsonValue } from '../../../api/json';
import type { Message, Queue } from '../../../api/types';

export const messageBounds = [10, 500, 1000] as const;
export const priceDecimalBounds = [0, 8, 18] as const;
export const quantityDecimalBounds = [0, 0, 18] as const;

/** The fields of an execution and how its integers are scaled. A field '' is found by its usual names. */
export interface Mapping {
  symbol: string;
  side: string;
  quantity: string;
  price: string;
  priceDecimals: number;
  quantityDecimals: number;
}

export interface Trade {
  sequence: bigint;
  /** Nanoseconds since 1970. */
  time: bigint;
  queue: string;
  symbol: string;
  /** '' if the message has no side. */
  side: 'buy' | 'sell' | '';
  quantity: number;
  price: number;
}

/** The trades of one symbol. */
export interface SymbolSummary {
  symbol: string;
  trades: number;
  volume: number;
  bought: number;
  sold: number;
  vwap: number;
  last: number;
  low: number;
  high: number;
}

/** The names of a field, in the order of preference: those of FIX execution reports, then those of esf-trading, then others. */
const usualNames = {
  symbol: ['instrument', 'symbol', 'security_id', 'ticker'],
  side: ['side', 'direction'],
  quantity: ['last_quantity', 'quantity', 'last_qty', 'qty', 'size'],
  price: ['last_price', 'price', 'last_px', 'px'],
} as const;

/** A name of a queue that probably has executions, the best first. */
const likelyNames = [/fill/i, /execution/i, /trade/i];

/** The busiest queue whose name says that it has executions; '' if no name does. */
export function defaultQueue(queues: readonly Queue[]): string {
  const byRate = [...queues].sort((a, b) => b.ratePerSecond - a.ratePerSecond);
  return likelyNames.flatMap((pattern) => byRate.filter(({ name }) => pattern.test(name)))[0]?.name ?? '';
}

/** The executions of messages, newest first. A message without a symbol, a quantity or a price is not an execution, such as a report of an order that was not filled. */
export function tradesOf(messages: readonly Message[], mapping: Mapping): Trade[] {
  return messages
    .flatMap(({ sequence, time, queue, message }): Trade[] => {
      const symbol = valueOf(message, mapping.symbol, usualNames.symbol);
      const quantity = numberOf(valueOf(message, mapping.quantity, usualNames.quantity), mapping.quantityDecimals);
      const price = numberOf(valueOf(message, mapping.price, usualNames.price), mapping.priceDecimals);
      return typeof symbol !== 'string' || quantity === null || quantity <= 0 || price === null
        ? []
        : [{ sequence, time, queue, symbol, side: sideOf(valueOf(message, mapping.side, usualNames.side)), quantity, price }];
    })
    .sort((a, b) => (a.sequence < b.sequence ? 1 : a.sequence > b.sequence ? -1 : 0));
}

/** The trades per symbol, the symbol with the most turnover first. The trades are newest first. */
export function summariesOf(trades: readonly Trade[]): SymbolSummary[] {
  const found = new Map<string, SymbolSummary & { turnover: number }>();
  for (const { symbol, side, quantity, price } of trades) {
    const before = found.get(symbol);
    const volume = (before?.volume ?? 0) + quantity;
    const turnover = (before?.turnover ?? 0) + quantity * price;
    found.set(symbol, {
      symbol,
      trades: (before?.trades ?? 0) + 1,
      volume,
      turnover,
      bought: (before?.bought ?? 0) + (side === 'buy' ? quantity : 0),
      sold: (before?.sold ?? 0) + (side === 'sell' ? quantity : 0),
      vwap: turnover / volume,
      last: before?.last ?? price,
      low: Math.min(before?.low ?? price, price),
      high: Math.max(before?.high ?? price, price),
    });
  }
  return [...found.values()].sort((a, b) => b.turnover - a.turnover).map(({ turnover: _, ...summary }) => summary);
}

/** A quantity with at most eight decimals and grouped digits. */
export function formatAmount(value: number): string {
  return amounts.format(value);
}

export interface PriceFormat {
  price: (price: number) => string;
  /** For a calculated price: two more decimals, at most eight. */
  mean: (price: number) => string;
}

/** Formats the prices of these trades, all with as many decimals as the most exact of them needs (2 to 8), so that the points of a column are in line. */
export function priceFormatOf(trades: readonly Trade[]): PriceFormat {
  const decimals = trades.reduce((most, { price }) => Math.max(most, amounts.format(price).split('.')[1]?.length ?? 0), leastPriceDecimals);
  const format = (digits: number) => new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }).format;
  return { price: format(decimals), mean: format(Math.min(decimals + 2, mostDecimals)) };
}

const leastPriceDecimals = 2;
const mostDecimals = 8;
const amounts = new Intl.NumberFormat('en', { maximumFractionDigits: mostDecimals });

function valueOf(message: JsonObject, named: string, usual: readonly string[]): JsonValue | undefined {
  if (named !== '') {
    return message[named];
  }
  const name = usual.find((one) => message[one] !== undefined && message[one] !== null);
  return name === undefined ? undefined : message[name];
}

/** An integer is a fixed-point number; any other number is exact already. */
function numberOf(value: JsonValue | undefined, decimals: number): number | null {
  const number = typeof value === 'bigint' || typeof value === 'number' ? Number(value) : typeof value === 'string' && value !== '' ? Number(value) : Number.NaN;
  if (!Number.isFinite(number)) {
    return null;
  }
  return typeof value !== 'string' && Number.isInteger(number) ? number / 10 ** decimals : number;
}

/** `Buy` and `Sell` of a schema, and the codes 1 and 2 of FIX; 5 and 6 are short sales. */
function sideOf(value: JsonValue | undefined): Trade['side'] {
  const text = String(value ?? '').toLowerCase();
  return text.startsWith('buy') || text === '1' || text === 'b' ? 'buy' : text.startsWith('sell') || ['2', '5', '6', 's'].includes(text) ? 'sell' : '';
}
