import type { LookupAddress } from 'node:dns';
import { isPublicAddress, PrivateAddressError, publicLookup } from './address.js';
import { parseTarget, shownUrl } from './target.js';

test.each([
  'https://hooks.example.com/in?token=1',
  'https://hooks.example.com:8443/',
  'https://hooks.example.com/@me?to=a@b',
  'https://8.8.8.8/',
  'https://[2606:4700:4700::1111]/',
  'https://xn--bcher-kva.example/',
])('%s is a receiver', (url) =>
  expect(parseTarget(url, [])).toMatchObject({ ok: true, value: { allowed: false } }),
);

test.each([
  ['nothing', ''],
  ['no text', 7],
  ['a path', '/in'],
  ['a file', 'file:///etc/passwd'],
  ['another protocol', 'gopher://hooks.example.com/'],
  ['data', 'data:text/plain,x'],
  ['plain http', 'http://hooks.example.com/'],
  ['a user name', 'https://user@hooks.example.com/'],
  ['user name and password', 'https://user:password@hooks.example.com/'],
  ['an empty user name', 'https://@hooks.example.com/'],
  ['a host in front of the real one', 'https://hooks.example.com@127.0.0.1/'],
  ['a fragment', 'https://hooks.example.com/#x'],
  ['a line break', 'https://hooks.example.com/\r\nx: y'],
  ['a NUL', 'https://hooks.example.com/\0'],
  ['a backslash', 'https://hooks.example.com\\@127.0.0.1/'],
  ['a space', 'https://hooks.example.com/a b'],
  ['an empty host', 'https:///in'],
  ['no slashes', 'https:hooks.example.com'],
  ['2 KB and more', `https://hooks.example.com/${'x'.repeat(2_048)}`],
  ['loopback', 'https://127.0.0.1/'],
  ['another loopback', 'https://127.8.8.8/'],
  ['loopback in decimal', 'https://2130706433/'],
  ['loopback in hexadecimal', 'https://0x7f.0.0.1/'],
  ['loopback in octal', 'https://0177.0.0.1/'],
  ['loopback, short', 'https://127.1/'],
  ['this host', 'https://0.0.0.0/'],
  ['this host, short', 'https://0/'],
  ['private 10', 'https://10.1.2.3/'],
  ['private 172.16', 'https://172.16.0.1/'],
  ['private 192.168', 'https://192.168.1.1/'],
  ['shared by carriers', 'https://100.64.0.1/'],
  ['metadata of a cloud', 'https://169.254.169.254/latest/meta-data'],
  ['metadata in decimal', 'https://2852039166/'],
  ['a multicast group', 'https://224.0.0.1/'],
  ['broadcast', 'https://255.255.255.255/'],
  ['reserved', 'https://240.0.0.1/'],
  ['for documents', 'https://192.0.2.1/'],
  ['full-width digits', 'https://１２７.０.０.１/'],
  ['IPv6 loopback', 'https://[::1]/'],
  ['IPv6 unspecified', 'https://[::]/'],
  ['IPv6 link-local', 'https://[fe80::1]/'],
  ['IPv6 unique local', 'https://[fd00::1]/'],
  ['IPv6 site-local', 'https://[fec0::1]/'],
  ['loopback mapped', 'https://[::ffff:127.0.0.1]/'],
  ['loopback mapped in hexadecimal', 'https://[::ffff:7f00:1]/'],
  ['private mapped', 'https://[::ffff:10.0.0.1]/'],
  ['loopback compatible', 'https://[::127.0.0.1]/'],
  ['loopback by 6to4', 'https://[2002:7f00:1::]/'],
  ['loopback by NAT64', 'https://[64:ff9b::7f00:1]/'],
  ['Teredo', 'https://[2001:0:1::]/'],
  ['localhost', 'https://localhost/'],
  ['localhost with a dot', 'https://localhost./'],
  ['a name under localhost', 'https://x.localhost/'],
  ['a bare name', 'https://postgres/'],
  ['a name of this network', 'https://printer.local/'],
  ['an internal name', 'https://metadata.google.internal/'],
])('%s is refused', (_name, url) => expect(parseTarget(url, []).ok).toBe(false));

test('what the operator has named may be private and plain, at that port alone', () => {
  const allowed = ['hooks.internal:8080', '127.0.0.1:9000'];
  expect(parseTarget('http://hooks.internal:8080/in', allowed)).toMatchObject({ value: { allowed: true } });
  expect(parseTarget('http://HOOKS.internal:8080/in', allowed)).toMatchObject({ value: { allowed: true } });
  expect(parseTarget('http://0x7f000001:9000/', allowed)).toMatchObject({ value: { allowed: true } });
  expect(parseTarget('http://127.0.0.1:9001/', allowed).ok).toBe(false);
  expect(parseTarget('http://user@127.0.0.1:9000/', allowed).ok).toBe(false);
  expect(parseTarget('file://127.0.0.1:9000/', allowed).ok).toBe(false);
});

test('a query is not shown', () => {
  expect(shownUrl(new URL('https://hooks.example.com:8443/in?token=secret'))).toBe(
    'https://hooks.example.com:8443/in',
  );
});

test.each([
  ['8.8.8.8', true],
  ['2606:4700::1', true],
  ['::ffff:8.8.8.8', true],
  ['127.0.0.1', false],
  ['::ffff:127.0.0.1', false],
  ['fe80::1%eth0', false],
  ['not an address', false],
])('%s is public: %s', (address, is) => expect(isPublicAddress(address)).toBe(is));

describe('looking up', () => {
  const lookup = (addresses: readonly string[], all: boolean): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const found = addresses.map((address): LookupAddress => ({
        address,
        family: address.includes(':') ? 6 : 4,
      }));
      publicLookup((_host, _options, done) => done(null, found))(
        'hooks.example.com',
        { all },
        (error, value) => {
          if (error === null) resolve(value);
          else reject(error);
        },
      );
    });

  test('gives the addresses that were judged', async () => {
    expect(await lookup(['8.8.8.8', '2606:4700::1'], true)).toEqual([
      { address: '8.8.8.8', family: 4 },
      { address: '2606:4700::1', family: 6 },
    ]);
    expect(await lookup(['8.8.8.8'], false)).toBe('8.8.8.8');
  });

  test.each([
    ['one private among public ones', ['8.8.8.8', '10.0.0.1']],
    ['a private one behind', ['8.8.8.8', '::1']],
    ['nothing', []],
  ])('refuses %s', async (_name, addresses) => {
    for (const all of [true, false])
      await expect(lookup(addresses, all)).rejects.toThrow(PrivateAddressError);
  });
});
