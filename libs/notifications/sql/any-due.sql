-- Whether there is anything to do: asked often, so by index alone.
select
  exists (
    select from notifications.deliveries where state = 'waiting' and channel = 'email' and due_at_ms <= $1
  ) as mails,
  exists (
    select from notifications.deliveries where state = 'waiting' and channel = 'webhook' and due_at_ms <= $1
  ) as webhooks
