import { type Upcaster, upcastingOf, UPCASTERS } from './upcasters.js';

const adds = (from: string, to: string, field: string): Upcaster => ({
  from,
  to,
  upcast: (fields) => ({ ...fields, [field]: Object.keys(fields).length }),
});
const STEPS = [
  adds('Thing.v2', 'Thing.v3', 'third'),
  adds('Other.v1', 'Other.v2', 'other'),
  adds('Thing.v1', 'Thing.v2', 'second'),
];

describe('a chain of upcasters', () => {
  const thing = upcastingOf('Thing.v3', STEPS);

  test('names every version, oldest first', () => {
    expect(thing.versions).toEqual(['Thing.v1', 'Thing.v2', 'Thing.v3']);
    expect(upcastingOf('Alone.v1', STEPS).versions).toEqual(['Alone.v1']);
  });

  test.each([
    ['Thing.v1', { first: 0 }, { first: 0, second: 1, third: 2 }],
    ['Thing.v2', { first: 0, second: 1 }, { first: 0, second: 1, third: 2 }],
    ['Thing.v3', { first: 0 }, { first: 0 }],
  ])('brings %s to the newest version step by step', (version, fields, newest) => {
    expect(thing.toNewest(version, fields)).toEqual(newest);
  });

  test('changes no field of the event it reads', () => {
    const stored = Object.freeze({ first: 0 });
    thing.toNewest('Thing.v1', stored);
    expect(stored).toEqual({ first: 0 });
  });

  test('two ways to one version are refused', () => {
    const twice = [...STEPS, adds('Thing.v0', 'Thing.v3', 'again')];
    expect(() => upcastingOf('Thing.v3', twice)).toThrow('more than one leads to Thing.v3');
  });

  test('a chain that does not end is refused', () => {
    const round = [adds('Thing.v2', 'Thing.v1', 'first'), adds('Thing.v1', 'Thing.v2', 'second')];
    expect(() => upcastingOf('Thing.v2', round)).toThrow('leads to itself');
  });
});

describe('the upcasters of this ledger', () => {
  test('each goes one version up', () => {
    const version = (storedType: string) => {
      const [name, number] = storedType.split('.v');
      return { name, number: Number(number) };
    };
    for (const { from, to } of UPCASTERS) {
      expect(version(to)).toEqual({ name: version(from).name, number: version(from).number + 1 });
    }
  });

  test.each([
    ['FREE', 'free'],
    ['PRO', 'granted'],
    ['ELITE', 'granted'],
    ['ENTERPRISE', 'granted'],
  ])('a wallet opened on %s before plans were paid for runs its plan as %s', (plan, coverage) => {
    const walletOpened = upcastingOf('WalletOpened.v2');
    expect(walletOpened.toNewest('WalletOpened.v1', { userId: 'u-1', plan })).toEqual({
      userId: 'u-1',
      plan,
      coverage,
    });
  });
});
