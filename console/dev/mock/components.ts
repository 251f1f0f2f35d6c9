import { digits } from './noise.ts';

export function components(): unknown[] {
  const one = (name: string, version: string, kind: string, permissions: string[], usedBy: string[], tier: string): unknown => ({ name, version, kind, root256: digits(name + version, 64), permissions, usedBy, tier });
  return [
    one('@acme/plant-mqtt', '2.3.1', 'wire-adapter', ['network: mqtt.plant-7.internal:8883'], ['adapter:plant-7'], 'verified'),
    one('@acme/settle', '2.1.0', 'smart-circuit', [], ['circuit:settle'], 'verified'),
    one('@acme/risk', '1.4.2', 'smart-circuit', [], ['circuit:risk'], 'community'),
    one('@estream/carbon', '1.0.3', 'smart-circuit', [], ['circuit:carbon'], 'core'),
    one('@estream/esf-iot', '1.2.0', 'esf-schema', [], ['queue:telemetry', 'queue:plant-7', 'queue:energy-meters'], 'core'),
    one('@estream/esf-payments', '1.1.0', 'esf-schema', [], ['queue:payments', 'queue:statements'], 'core'),
    one('@acme/carbon-impact', '0.9.0', 'console-widget', ['data: read carbon'], [], 'community'),
    one('@acme/night', '0.2.1', 'theme', [], [], 'experimental'),
  ];
}
