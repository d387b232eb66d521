import { bareAddress, isMailAddress, withoutAddresses } from './address.js';
import { mailFault } from './fault.js';

const smtp = (fields: object): Error => Object.assign(new Error('The server said no.'), fields);
const rcpt = (responseCode: number, response: string): Error =>
  smtp({ code: 'EENVELOPE', command: 'RCPT TO', responseCode, response });

test.each<[string, Error, string]>([
  ['an unknown recipient', rcpt(550, '550 5.1.1 unknown'), 'address_refused'],
  ['without an enhanced code', rcpt(550, '550 no such user'), 'address_refused'],
  ['a mailbox that is closed', rcpt(550, '550 5.2.1 disabled'), 'address_refused'],
  ['a mailbox that is full for good', rcpt(552, '552 5.2.2 full'), 'mail_refused'],
  ['a policy', rcpt(554, '554 5.7.1 denied'), 'mail_refused'],
  ['greylisting', rcpt(451, '451 4.7.1 later'), 'later'],
  [
    'spam',
    smtp({ code: 'EMESSAGE', command: 'DATA', responseCode: 550, response: '550 5.7.1 spam' }),
    'mail_refused',
  ],
  [
    'a busy server',
    smtp({ code: 'EMESSAGE', command: 'DATA', responseCode: 421, response: '421 4.3.2 later' }),
    'later',
  ],
  [
    'our sender refused',
    smtp({ code: 'EENVELOPE', command: 'MAIL FROM', responseCode: 550, response: '550 no' }),
    'server',
  ],
  ['a wrong password', smtp({ code: 'EAUTH', command: 'AUTH PLAIN', responseCode: 535 }), 'server'],
  ['nobody there', smtp({ code: 'ESOCKET', command: 'CONN' }), 'server'],
  ['a time-out of ours', new Error('late'), 'server'],
])('%s', (_name, error, kind) => expect(mailFault(error).kind).toBe(kind));

test('what is kept of an answer holds no address', () => {
  const error = smtp({ code: 'EENVELOPE', command: 'RCPT TO', responseCode: 550 });
  error.message = `550 <bea@example.com>: "bea@example.com" (bea+x@a.example) unknown ${'x'.repeat(300)}`;
  const { detail } = mailFault(error);
  expect(detail).not.toMatch(/bea|example/);
  expect(detail.length).toBeLessThanOrEqual(200);
  expect(withoutAddresses('no address here')).toBe('no address here');
});

test.each([
  ['bea@example.com', true],
  ["o'neil+tag@mail.example.co.uk", true],
  ['bea@xn--bcher-kva.example', true],
  ['bea@example.com, x@example.com', false],
  ['bea@example.com\r\nRCPT TO:<x@y.z>', false],
  ['<bea@example.com>', false],
  ['"bea"@example.com', false],
  ['bea..x@example.com', false],
  ['.bea@example.com', false],
  ['bea@-example.com', false],
  ['bea@[127.0.0.1]', false],
  ['bea@127.0.0.1', false],
  [`${'x'.repeat(65)}@example.com`, false],
  [`bea@${'x'.repeat(250)}.com`, false],
  ['béa@example.com', false],
  [7, false],
])('%s is an address: %s', (raw, is) => expect(isMailAddress(raw)).toBe(is));

test('the address of a sender with a name', () => {
  expect(bareAddress('PromptFlow <billing@example.com>')).toBe('billing@example.com');
  expect(bareAddress(' billing@example.com ')).toBe('billing@example.com');
});
