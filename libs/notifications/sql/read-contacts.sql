select
  user_id, email, email_verified, bounced_at_ms, locale, channels
from notifications.contacts
where user_id = any($1::text[])
