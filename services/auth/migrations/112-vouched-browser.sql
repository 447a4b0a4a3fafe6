-- A link to sign up carries the identity of whoever began at the issuer, and goes to the address that the issuer named, which may be a stranger's. So the mailbox
-- alone does not join the two: the identity counts in the browser that came back from the issuer, known by a secret of which this is the hash.

alter table auth.mail_links
  add column browser_hash bytea check (octet_length(browser_hash) = 32),
  add check (browser_hash is null or issuer is not null);
