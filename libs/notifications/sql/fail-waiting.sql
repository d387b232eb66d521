-- Nothing more goes to an endpoint that is switched off; what waited can be sent again by hand.
update notifications.deliveries
set state = 'failed', reason = 'endpoint_disabled', ended_at_ms = $2, lease = null
where endpoint_id = $1 and state = 'waiting'
