import { EventStoreUrlError, parseConnectionString } from './connection-string.js';

const SECRET = 'p%40ss%3Aw:rd';

describe('a connection string is read', () => {
  test.each([
    ['esdb://localhost', false, [{ address: 'localhost', port: 2113 }]],
    ['esdb://localhost:2114/?tls=true', false, [{ address: 'localhost', port: 2114 }]],
    ['kurrentdb://db:2113', false, [{ address: 'db', port: 2113 }]],
    ['esdb+discover://cluster.internal', true, [{ address: 'cluster.internal', port: 2113 }]],
    ['kurrentdb+discover://c:1?gossipTimeout=3', true, [{ address: 'c', port: 1 }]],
    [
      'esdb://a:1,b:2,c',
      true,
      [
        { address: 'a', port: 1 },
        { address: 'b', port: 2 },
        { address: 'c', port: 2113 },
      ],
    ],
    ['esdb://[::1]:2113', false, [{ address: '[::1]', port: 2113 }]],
  ])('%s', (url, discover, hosts) => {
    expect(parseConnectionString(url)).toMatchObject({ discover, hosts, insecure: false });
  });

  test('with credentials, TLS and options', () => {
    const read = parseConnectionString(
      `esdb://ledger:${SECRET}@db:2113?tls=false&keep-alive-interval=20000&connectionName=my%20ledger&defaultDeadline=500`,
    );
    expect(read).toEqual({
      hosts: [{ address: 'db', port: 2113 }],
      discover: false,
      insecure: true,
      credentials: { username: 'ledger', password: 'p@ss:w:rd' },
      options: { keepAliveInterval: 20_000, connectionName: 'my ledger', defaultDeadline: 500 },
    });
  });
});

describe('a connection string that cannot be used is refused with the way out, and without the password', () => {
  test.each([
    [`http://ledger:${SECRET}@db`, 'esdb://'],
    [`esdb:/ledger:${SECRET}@db`, 'esdb://'],
    [`postgres://ledger:${SECRET}@db`, 'esdb://'],
    [`esdb://ledger:${SECRET}@`, 'esdb://'],
    [`esdb://ledger:${SECRET}@db:99999`, 'host:port'],
    [`esdb://ledger:${SECRET}@db:x`, 'host:port'],
    ['esdb://ledger@db', 'user:password@'],
    [`esdb://ledger:${SECRET}@db?tls=no`, 'true or false'],
    [`esdb://ledger:${SECRET}@db?tlsVerifyCert=false`, 'tlsCAFile'],
    [`esdb://ledger:${SECRET}@db?tlsCAFile=/none/ca.pem`, '/none/ca.pem'],
    [`esdb://ledger:${SECRET}@db?nodePreference=follower`, 'leader'],
    [`esdb://ledger:${SECRET}@db?sslmode=off`, 'unknown option "sslmode"'],
    [`esdb://ledger:${SECRET}@db?keepAliveInterval=5`, 'at least 10000'],
    [`esdb://ledger:${SECRET}@db?tls`, 'tls=<value>'],
    ['esdb://ledger:%zz@db', 'percent-encoded'],
  ])('%#', (url, hint) => {
    const refused = refusalOf(url);
    expect(refused).toBeInstanceOf(EventStoreUrlError);
    expect(refused.message).toContain('EVENTSTORE_URL');
    expect(refused.message).toContain(hint);
    expect(`${refused.message}${refused.stack}`).not.toContain('ss%3A');
    expect(`${refused.message}${refused.stack}`).not.toContain('ss:w');
  });
});

function refusalOf(url: string): Error {
  try {
    parseConnectionString(url);
  } catch (error) {
    return error as Error;
  }
  throw new Error(`${url} was accepted`);
}
