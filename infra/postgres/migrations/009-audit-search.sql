-- The log is searched newest first, from a key on, under the policy. There only leakproof operators may use an index: `=` and the comparisons of text and uuid
-- are, LIKE is not, so a prefix of an action is a range, in the byte order of "C" whatever the database's own is. Each index ends in the id, which
-- is in the order of time: filter, period and page are one range of it.
--
-- What a question must say for its index to be taken: `collate "C"` also with `=`, a literal outcome, and `order by id desc nulls last`. There is no null; but
-- the primary key can not be read in that order. The planner knows no scope and takes every organisation for an average one: to find the few rows of a small one
-- it would otherwise read all that a big one did since, by the primary key.

set local role aurora_audit;

drop index audit.events_of_organisation;
create index events_of_organisation on audit.events (org_id, id desc nulls last);
create index events_of_person on audit.events (org_id, person_id, id desc nulls last);
create index events_of_action on audit.events (org_id, action collate "C", id desc nulls last);
create index events_of_target on audit.events (org_id, target, id desc nulls last);
create index events_of_service on audit.events (org_id, service, id desc nulls last);

-- What was refused or failed is rare and what one looks for; what succeeded is everywhere.
create index events_not_successful on audit.events (org_id, outcome, id desc nulls last) where outcome <> 'success';
