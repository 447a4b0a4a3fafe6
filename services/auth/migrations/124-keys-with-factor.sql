-- Whether who made a key had shown a second factor. Where an organisation asks its members for one, a key that was made without opens nothing: otherwise whoever had stolen
-- a password before would keep what they made with it. Of keys from before nobody knows.
alter table auth.api_keys
  add column with_factor boolean not null default false;
