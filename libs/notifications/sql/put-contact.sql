-- Another address has nothing of what the former one has met.
insert into notifications.contacts as c (user_id, email, email_verified, locale, channels, updated_at_ms)
values ($1, $2, $3, $4, $5, $6)
on conflict (user_id) do update set
  email = excluded.email,
  email_verified = excluded.email_verified,
  bounced_at_ms = case when c.email = excluded.email then c.bounced_at_ms end,
  locale = excluded.locale,
  channels = excluded.channels,
  updated_at_ms = excluded.updated_at_ms
returning user_id, email, email_verified, bounced_at_ms, locale, channels
