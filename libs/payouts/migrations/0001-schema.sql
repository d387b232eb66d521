create schema payouts;
