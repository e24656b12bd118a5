-- SPDX-License-Identifier: PostgreSQL
-- What Vault does after a restore into another project.
create schema vault;
grant usage on schema vault to lifeboat, app_owner;
create table vault.secrets (id uuid primary key default gen_random_uuid(), name text, secret text);
insert into vault.secrets (name, secret) values ('slack_webhook', 'BQx0');
create function vault.decrypt(secret text) returns text language plpgsql as $$ begin
  raise exception 'pgsodium_crypto_aead_det_decrypt_by_id: invalid ciphertext' using errcode = '22000'; end $$;
create view vault.decrypted_secrets as select id, name, vault.decrypt(secret) as decrypted_secret from vault.secrets;
