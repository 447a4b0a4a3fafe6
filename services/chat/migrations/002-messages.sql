-- One row per message, of the person and of the answer alike. An answer's row exists from its first moment
-- (streaming) and is leased by the process that writes it: a lease that ran out is how a dead process shows.

create table chat.chat_messages (
  id uuid primary key default uuidv7(),
  org_id uuid not null,
  person_id uuid not null,
  session_id uuid not null,
  role text not null check (role in ('person', 'assistant')),
  source text not null check (source in ('person', 'command', 'model', 'notice')),
  status text not null check (status in ('streaming', 'done', 'stopped', 'interrupted', 'failed')),
  content text not null default '',
  -- the last delta that content holds: a reader who has this row goes on from here
  seq integer not null default 0 check (seq >= 0),
  -- why an answer failed, in words for the person
  failure text check (char_length(failure) <= 500),
  -- chosen by the client, so that a message sent twice is one message
  client_message_id uuid,
  -- the person's message that an answer answers
  reply_to uuid,
  leased_until timestamptz,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  foreign key (org_id, person_id, session_id) references chat.chat_sessions (org_id, person_id, id),
  -- with the person in them, so that a taken key of another person's conversation looks like no conversation at all
  unique (org_id, person_id, session_id, client_message_id),
  unique (org_id, person_id, session_id, reply_to),
  check ((role = 'person') = (client_message_id is not null)),
  check ((role = 'assistant') = (reply_to is not null)),
  check ((status = 'streaming') = (leased_until is not null))
);

create index chat_messages_of_session on chat.chat_messages (org_id, session_id, id);

create index chat_messages_leased on chat.chat_messages (leased_until)
  where status = 'streaming';

alter table chat.chat_messages enable row level security;
alter table chat.chat_messages force row level security;

create policy chat_messages_of_person on chat.chat_messages
  to aurora_chat
  using (org_id = (select app.org_id()) and person_id = (select app.person_id()))
  with check (org_id = (select app.org_id()) and person_id = (select app.person_id()));

-- whose message it is, and what it answers, stays as it was written
grant select, insert, update (status, content, seq, source, failure, leased_until, finished_at) on chat.chat_messages to aurora_chat;
