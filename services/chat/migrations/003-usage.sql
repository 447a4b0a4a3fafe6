-- A row per call of a model. Append-only: what was spent is not edited.

create table chat.llm_usage_tracking (
  id uuid primary key default uuidv7(),
  org_id uuid not null,
  person_id uuid not null,
  session_id uuid not null,
  message_id uuid not null,
  provider text not null check (char_length(provider) <= 40),
  model text not null check (char_length(model) <= 200),
  input_tokens integer not null check (input_tokens >= 0),
  output_tokens integer not null check (output_tokens >= 0),
  cached_tokens integer not null default 0 check (cached_tokens >= 0),
  -- true when the stream ended before the server said what it counted
  estimated boolean not null,
  outcome text not null check (outcome in ('done', 'stopped', 'interrupted', 'failed')),
  latency_ms integer not null check (latency_ms >= 0),
  created_at timestamptz not null default now(),
  foreign key (org_id, person_id, session_id) references chat.chat_sessions (org_id, person_id, id)
);

create index llm_usage_of_person on chat.llm_usage_tracking (org_id, person_id, created_at);

alter table chat.llm_usage_tracking enable row level security;
alter table chat.llm_usage_tracking force row level security;

create policy llm_usage_of_person on chat.llm_usage_tracking
  to aurora_chat
  using (org_id = (select app.org_id()) and person_id = (select app.person_id()))
  with check (org_id = (select app.org_id()) and person_id = (select app.person_id()));

grant select, insert on chat.llm_usage_tracking to aurora_chat;
