-- SPDX-License-Identifier: PostgreSQL
-- Looks like PostGIS to pg_dump, as far as one table needs it.
CREATE TYPE geometry;
CREATE FUNCTION geometry_in(cstring) RETURNS geometry LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION geometry_out(geometry) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE geometry (INPUT = geometry_in, OUTPUT = geometry_out, STORAGE = main, COLLATABLE = true);
CREATE FUNCTION st_isvalid(geometry) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT true';
CREATE FUNCTION geometry_lt(geometry, geometry) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'text_lt';
CREATE FUNCTION geometry_cmp(geometry, geometry) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'bttextcmp';
CREATE OPERATOR < (LEFTARG = geometry, RIGHTARG = geometry, FUNCTION = geometry_lt);
CREATE OPERATOR CLASS btree_geometry_ops DEFAULT FOR TYPE geometry USING btree AS OPERATOR 1 <,
    FUNCTION 1 geometry_cmp(geometry, geometry);
CREATE TABLE spatial_ref_sys (srid integer PRIMARY KEY, srtext text);
INSERT INTO spatial_ref_sys VALUES (4326, 'WGS 84');
SELECT pg_catalog.pg_extension_config_dump('spatial_ref_sys', 'WHERE srid > 900000');
GRANT SELECT ON TABLE spatial_ref_sys TO PUBLIC;
