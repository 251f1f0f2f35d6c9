namespace Estream.Marketplace.Server.Data;

/// <summary>The tables of the database. Tables of the projection are rebuilt from the registry; the others hold what only the database
/// has.</summary>
internal static class MarketplaceTables
{
    /// <summary>Creates the tables that do not exist.</summary>
    public const string Create = """
        CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS categories(
            id TEXT PRIMARY KEY, position INTEGER NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL, icon TEXT NOT NULL,
            component TEXT NOT NULL UNIQUE, permissions TEXT NOT NULL, installer TEXT NOT NULL, cap INTEGER) STRICT;
        CREATE TABLE IF NOT EXISTS items(
            slug TEXT PRIMARY KEY, category TEXT NOT NULL, name TEXT NOT NULL, author TEXT NOT NULL, license TEXT NOT NULL,
            tier INTEGER NOT NULL, updated INTEGER NOT NULL, listed INTEGER NOT NULL, words TEXT NOT NULL, item TEXT NOT NULL,
            detail TEXT NOT NULL, source TEXT NOT NULL) STRICT;
        CREATE INDEX IF NOT EXISTS items_by_name ON items(category, listed, name, slug);
        CREATE INDEX IF NOT EXISTS items_by_update ON items(category, listed, updated, slug);
        CREATE TABLE IF NOT EXISTS submissions(
            digest TEXT PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, category TEXT NOT NULL, caller TEXT NOT NULL,
            received INTEGER NOT NULL, state TEXT NOT NULL, checks TEXT NOT NULL, reasons TEXT NOT NULL, approvals INTEGER NOT NULL,
            required INTEGER NOT NULL, flagged INTEGER NOT NULL) STRICT;
        CREATE INDEX IF NOT EXISTS submissions_by_state ON submissions(state, received, digest);
        CREATE TABLE IF NOT EXISTS decisions(
            id INTEGER PRIMARY KEY, digest TEXT NOT NULL, at INTEGER NOT NULL, caller TEXT NOT NULL, action TEXT NOT NULL,
            note TEXT NOT NULL) STRICT;
        CREATE INDEX IF NOT EXISTS decisions_by_digest ON decisions(digest, id);
        CREATE TABLE IF NOT EXISTS rejections(digest TEXT PRIMARY KEY, reason TEXT NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS idempotency(
            caller TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL, status INTEGER NOT NULL,
            location TEXT, answer TEXT NOT NULL, PRIMARY KEY(caller, key)) STRICT;
        CREATE INDEX IF NOT EXISTS idempotency_by_time ON idempotency(at);
        """;
}
