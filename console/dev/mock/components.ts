import { digits } from './noise.ts';

export function components(): unknown[] {
  const one = (name: string, version: string, kind: string, permissions: string[], usedBy: string[]): unknown => ({ name, version, kind, root256: digits(name + version, 64), permissions, usedBy });
  return [
    one('@acme/plant-mqtt', '2.3.1', 'wire-adapter', ['network: mqtt.plant-7.internal:8883'], ['adapter:plant-7']),
    one('@acme/settle', '2.1.0', 'smart-circuit', [], ['circuit:settle']),
    one('@acme/risk', '1.4.2', 'smart-circuit', [], ['circuit:risk']),
    one('@estream/carbon', '1.0.3', 'smart-circuit', [], ['circuit:carbon']),
    one('@estream/esf-iot', '1.2.0', 'esf-schema', [], ['queue:telemetry', 'queue:plant-7', 'queue:energy-meters']),
    one('@estream/esf-payments', '1.1.0', 'esf-schema', [], ['queue:payments', 'queue:statements']),
    one('@acme/carbon-impact', '0.9.0', 'console-widget', ['data: read carbon'], []),
    one('@acme/night', '0.2.1', 'theme', [], []),
  ];
}
