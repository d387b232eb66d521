-- How a user is reached. The only place of an address: removing it here erases it.
create table notifications.contacts (
  updated_at_ms bigint not null,
  -- When a mail server refused the address for good; such an address gets no more mail.
  bounced_at_ms bigint,
  email_verified boolean not null default false,
  user_id text collate "C" primary key,
  email text,
  locale text collate "C" not null default 'en',
  -- {kind: {inApp, email}}: what differs from the defaults.
  channels jsonb not null default '{}'
);
comment on column notifications.contacts.email is 'Personal data. Never copied into another table, an event or a log line.';

-- One announcement to the users of some plans.
create table notifications.campaigns (
  created_at_ms bigint not null,
  ended_at_ms bigint,
  -- Users of these plans when it was begun.
  expected integer not null,
  -- Users gone through, and of them those who got it in the app, and by mail.
  processed integer not null default 0,
  in_app integer not null default 0,
  mailed integer not null default 0,
  campaign_id text collate "C" primary key,
  state text collate "C" not null check (state in ('running', 'done', 'cancelled')),
  title text not null,
  body text not null,
  plans text[] not null,
  channels text[] not null,
  -- The last user gone through, in the order of user ids.
  cursor_user_id text collate "C" not null default ''
);
create index campaigns_running on notifications.campaigns (created_at_ms) where state = 'running';

-- What a user is told. Its text is made from kind and data when it is shown or sent.
create table notifications.messages (
  message_id uuid primary key,
  -- Place in the user's list.
  seq bigint generated always as identity,
  -- When it happened.
  at_ms bigint not null,
  created_at_ms bigint not null,
  updated_at_ms bigint not null,
  read_at_ms bigint,
  in_app boolean not null,
  -- The same was said shortly before: it is shown in the app and not mailed.
  quiet boolean not null,
  user_id text collate "C" not null,
  kind text collate "C" not null,
  locale text collate "C" not null,
  campaign_id text collate "C" references notifications.campaigns,
  data jsonb not null
);
create index messages_of_user on notifications.messages (user_id, seq desc) where in_app;
create index messages_unread on notifications.messages (user_id, seq desc) where in_app and read_at_ms is null;
-- Looks for what was said shortly before.
create index low_balances on notifications.messages (user_id, at_ms) where kind = 'low_balance';
create index messages_of_campaign on notifications.messages (campaign_id) where campaign_id is not null;
create index messages_by_age on notifications.messages (created_at_ms);

create table notifications.endpoints (
  endpoint_id uuid primary key,
  created_at_ms bigint not null,
  -- First failure since the last success.
  failing_since_ms bigint,
  disabled_at_ms bigint,
  state text collate "C" not null check (state in ('active', 'disabled')),
  -- failing or gone.
  disabled_for text collate "C",
  user_id text collate "C" not null,
  url text not null,
  -- Public event types that it wants.
  types text[] not null
);
create index endpoints_of_user on notifications.endpoints (user_id);

create table notifications.endpoint_secrets (
  secret_id uuid primary key,
  endpoint_id uuid not null references notifications.endpoints on delete cascade,
  created_at_ms bigint not null,
  -- A replaced secret still signs until then.
  valid_until_ms bigint,
  secret text not null
);
create index secrets_of_endpoint on notifications.endpoint_secrets (endpoint_id);

-- A mail, or a message to a webhook, on its way. A waiting one is due at due_at_ms; who takes it moves that moment
-- beyond the time it may need, so that another one takes it over after a crash.
create table notifications.deliveries (
  delivery_id uuid primary key,
  -- Place in the list of its endpoint.
  seq bigint generated always as identity,
  created_at_ms bigint not null,
  due_at_ms bigint not null,
  ended_at_ms bigint,
  attempts integer not null default 0,
  -- Of who has it in hand: a late answer of one whose time was over changes nothing.
  lease uuid,
  channel text collate "C" not null check (channel in ('email', 'webhook')),
  state text collate "C" not null check (state in ('waiting', 'delivered', 'failed', 'cancelled')),
  -- Why it failed or was cancelled.
  reason text collate "C",
  user_id text collate "C" not null,
  message_id uuid references notifications.messages on delete cascade,
  endpoint_id uuid references notifications.endpoints on delete cascade,
  type text collate "C",
  -- Of a webhook: the exact bytes, signed anew for each try.
  body text,
  check ((channel = 'email') = (message_id is not null)),
  check ((channel = 'webhook') = (endpoint_id is not null and type is not null and body is not null))
) with (fillfactor = 80);
create index mails_due on notifications.deliveries (due_at_ms) where state = 'waiting' and channel = 'email';
create index webhooks_due on notifications.deliveries (due_at_ms) where state = 'waiting' and channel = 'webhook';
create index webhooks_due_of_endpoint on notifications.deliveries (endpoint_id, due_at_ms)
  where state = 'waiting' and channel = 'webhook';
create index deliveries_of_endpoint on notifications.deliveries (endpoint_id, seq desc) where channel = 'webhook';
create index deliveries_of_message on notifications.deliveries (message_id) where message_id is not null;
create index deliveries_ended on notifications.deliveries (ended_at_ms) where ended_at_ms is not null;

create table notifications.attempts (
  delivery_id uuid not null references notifications.deliveries on delete cascade,
  at_ms bigint not null,
  duration_ms integer,
  number integer not null,
  -- Of SMTP or HTTP.
  status integer,
  -- Null while it runs, and for ever when the process was killed in it.
  outcome text collate "C",
  detail text,
  primary key (delivery_id, number)
);
comment on table notifications.attempts is 'Written before a try begins, so that one cut off by a crash is there too.';

-- Lots whose users were told that they lapse soon.
create table notifications.told_lots (
  told_id uuid primary key,
  expires_at_ms bigint not null
);
create index told_lots_by_expiry on notifications.told_lots (expires_at_ms);
