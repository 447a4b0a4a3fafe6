-- A conversation belongs to one person of one organisation. There is no sharing yet, so one policy says both.

create table chat.chat_sessions (
  id uuid primary key default uuidv7(),
  org_id uuid not null,
  person_id uuid not null,
  title text not null check (char_length(title) between 1 and 200),
  incident_number integer check (incident_number > 0),
  created_at timestamptz not null default now(),
  -- no finer than the cursor of a page can say
  updated_at timestamptz(3) not null default now(),
  deleted_at timestamptz,
  -- what messages refer to: a message cannot point into another person's conversation, whatever id it names
  unique (org_id, person_id, id)
);

create index chat_sessions_recent on chat.chat_sessions (org_id, person_id, updated_at desc, id)
  where deleted_at is null;

alter table chat.chat_sessions enable row level security;
alter table chat.chat_sessions force row level security;

create policy chat_sessions_of_person on chat.chat_sessions
  to aurora_chat
  using (org_id = (select app.org_id()) and person_id = (select app.person_id()))
  with check (org_id = (select app.org_id()) and person_id = (select app.person_id()));

-- no delete: a conversation is marked, and purged by the role that retention has
grant select, insert, update (title, updated_at, deleted_at) on chat.chat_sessions to aurora_chat;
