select from messaging.inbox where consumer = $1 and position = $2
