-- A browser may also be sent away to connect a cloud; like a link, that is begun and ended in one session.
alter table auth.oauth_flows
  drop constraint oauth_flows_purpose_check,
  drop constraint oauth_flows_check,
  add constraint oauth_flows_purpose_check check (purpose in ('login', 'link', 'connect')),
  add constraint oauth_flows_check check ((purpose = 'login') = (session_id is null));
