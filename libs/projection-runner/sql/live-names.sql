select name from projections.copies where state = 'live' order by name
