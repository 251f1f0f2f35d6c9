import { lazy } from 'react';
import type { BuiltinWidget } from '../../types';
import { part, settings, text, whole } from '../shared/configSchema';
import { messageBounds, priceDecimalBounds, quantityDecimalBounds } from './blotter';

export const tradingBlotterWidget: BuiltinWidget = {
  id: 'builtin/trading-blotter',
  title: 'Trading blotter',
  description: 'The last executions of a queue, with volume and volume-weighted average price (VWAP) per symbol. Knows the fields of esf-trading and of FIX execution reports.',
  category: 'economics',
  requiredRoles: ['viewer'],
  minSize: { cols: 4, rows: 3 },
  defaultSize: { cols: 8, rows: 5 },
  maxSize: { cols: 12, rows: 12 },
  configSchema: settings({
    queue: part('estream-queue', 'Queue', 'The queue of executions. Without a name, the widget shows the busiest queue whose name contains fill, execution or trade.'),
    symbolField: text('Field of the symbol', 'Without a name, the widget finds the field: instrument or symbol.'),
    sideField: text('Field of the side', 'Without a name, the widget finds the field: side.'),
    quantityField: text('Field of the quantity', 'Without a name, the widget finds the field: last_quantity or quantity.'),
    priceField: text('Field of the price', 'Without a name, the widget finds the field: last_price or price.'),
    priceDecimals: whole('Decimals of the price', 'How many decimals an integer price has. esf-trading and FIX have 8.', priceDecimalBounds),
    quantityDecimals: whole('Decimals of the quantity', 'How many decimals an integer quantity has.', quantityDecimalBounds),
    messages: whole('Messages', 'How many of the newest messages are read.', messageBounds),
  }),
  Component: lazy(() => import('./TradingBlotterWidget')),
};
