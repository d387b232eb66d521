update notifications.campaigns
set
  cursor_user_id = $2,
  processed = processed + $3,
  in_app = in_app + $4,
  mailed = mailed + $5,
  state = case when $6 then 'done' else state end,
  ended_at_ms = case when $6 then $7::bigint else ended_at_ms end
where campaign_id = $1
