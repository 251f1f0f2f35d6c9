using Estream.Marketplace.Governance;
using Estream.Marketplace.Server.Data;
using Microsoft.Data.Sqlite;

namespace Estream.Marketplace.Server.Moderation;

/// <summary>The submissions and the acts of moderators, in the database. Thread-safe.</summary>
internal sealed class SubmissionStore(MarketplaceDatabase database, TimeProvider time)
{
    /// <summary>The state of a submission that waits.</summary>
    public const string Pending = "pending";

    /// <summary>The state of a submission that is published.</summary>
    public const string Published = "published";

    /// <summary>The state of a submission that a moderator or a check rejected.</summary>
    public const string Rejected = "rejected";

    private const string Columns =
        "digest, name, version, category, caller, received, state, flagged, approvals, required, checks, reasons";

    /// <summary>Stores the result of a decision. A flag and the submitter stay.</summary>
    public void Save(string digest, string name, string version, string category, string caller, string state, PublishDecision? decision) =>
        database.Write(connection => MarketplaceDatabase.Run(connection, """
            INSERT INTO submissions(digest, name, version, category, caller, received, state, checks, reasons, approvals, required, flagged)
            VALUES ($digest, $name, $version, $category, $caller, $received, $state, $checks, $reasons, $approvals, $required, 0)
            ON CONFLICT(digest) DO UPDATE SET state=$state,
                checks=CASE WHEN $decided THEN $checks ELSE checks END, reasons=CASE WHEN $decided THEN $reasons ELSE reasons END,
                approvals=CASE WHEN $decided THEN $approvals ELSE approvals END,
                required=CASE WHEN $decided THEN $required ELSE required END
            """,
            ("$digest", digest), ("$name", name), ("$version", version), ("$category", category), ("$caller", caller),
            ("$received", Now), ("$state", state), ("$decided", decision is null ? 0 : 1),
            ("$checks", MarketplaceJson.Text<IEnumerable<QueueCheck>>((decision?.Checks ?? []).Select(CheckOf))),
            ("$reasons", MarketplaceJson.Text(decision?.Reasons ?? [])), ("$approvals", decision?.Approvals ?? 0),
            ("$required", decision?.ApprovalsRequired ?? 0)));

    /// <summary>Changes the state of a submission.</summary>
    public void SetState(string digest, string state) => database.Write(connection => MarketplaceDatabase.Run(connection,
        "UPDATE submissions SET state=$state WHERE digest=$digest", ("$digest", digest), ("$state", state)));

    /// <summary>Records an act of a moderator.</summary>
    public void Decide(string digest, string moderator, string action, string note) => database.Write(connection =>
    {
        AddDecision(connection, digest, moderator, action, note);
        return 0;
    });

    /// <summary>Marks a submission for review.</summary>
    public void Flag(string digest, string moderator, string note) => database.Write(connection =>
    {
        AddDecision(connection, digest, moderator, "flag", note);
        return MarketplaceDatabase.Run(connection, "UPDATE submissions SET flagged=1 WHERE digest=$digest", ("$digest", digest));
    });

    /// <summary>Refuses a digest permanently.</summary>
    public void Reject(string digest, string moderator, string reason) => database.Write(connection =>
    {
        AddDecision(connection, digest, moderator, "reject", reason);
        MarketplaceDatabase.Run(connection, "INSERT OR IGNORE INTO rejections(digest, reason) VALUES ($digest, $reason)",
            ("$digest", digest), ("$reason", reason));
        return MarketplaceDatabase.Run(connection, "UPDATE submissions SET state=$state WHERE digest=$digest", ("$state", Rejected),
            ("$digest", digest));
    });

    /// <summary>Returns why a moderator rejected a digest; null if none did.</summary>
    public string? RejectionOf(string digest) => database.Read(connection => MarketplaceDatabase.Query(connection,
        "SELECT reason FROM rejections WHERE digest=$digest", row => row.GetString(0), ("$digest", digest))).FirstOrDefault();

    /// <summary>Returns the digests that a retry skips.</summary>
    public IReadOnlySet<string> Flagged() => database.Read(connection => MarketplaceDatabase.Query(connection,
        "SELECT digest FROM submissions WHERE flagged=1", row => row.GetString(0))).ToHashSet(StringComparer.Ordinal);

    /// <summary>Returns the digests in a state.</summary>
    public IReadOnlySet<string> InState(string state) => database.Read(connection => MarketplaceDatabase.Query(connection,
        "SELECT digest FROM submissions WHERE state=$state", row => row.GetString(0), ("$state", state)))
        .ToHashSet(StringComparer.Ordinal);

    /// <summary>Returns submissions in the order of their arrival.</summary>
    /// <param name="state">The state.</param>
    /// <param name="after">The last submission of the page before; null for the first page.</param>
    /// <param name="limit">The maximum number.</param>
    public IReadOnlyList<QueueItem> List(string state, (long Received, string Digest)? after, int limit) => database.Read(connection =>
        MarketplaceDatabase.Query(connection,
            $"SELECT {Columns} FROM submissions WHERE state=$state AND (received, digest) > ($received, $digest) "
            + "ORDER BY received, digest LIMIT $limit", ItemOf, ("$state", state), ("$received", after?.Received ?? -1),
            ("$digest", after?.Digest ?? ""), ("$limit", limit)));

    /// <summary>Returns a submission with its checks and reasons; null if there is none.</summary>
    public (QueueItem Item, IReadOnlyList<QueueCheck> Checks, IReadOnlyList<string> Reasons)? Find(string digest)
    {
        List<(QueueItem, IReadOnlyList<QueueCheck>, IReadOnlyList<string>)> found = database.Read(connection =>
            MarketplaceDatabase.Query(connection, $"SELECT {Columns} FROM submissions WHERE digest=$digest",
                row => (ItemOf(row), (IReadOnlyList<QueueCheck>)MarketplaceJson.Read<QueueCheck[]>(row.GetString(10)),
                    (IReadOnlyList<string>)MarketplaceJson.Read<string[]>(row.GetString(11))), ("$digest", digest)));
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>Returns the acts of moderators, the oldest first.</summary>
    public IReadOnlyList<QueueDecision> DecisionsOf(string digest) => database.Read(connection => MarketplaceDatabase.Query(connection,
        "SELECT at, caller, action, note FROM decisions WHERE digest=$digest ORDER BY id LIMIT 1000",
        row => new QueueDecision(DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(0)), row.GetString(1), row.GetString(2),
            row.GetString(3)), ("$digest", digest)));

    private long Now => time.GetUtcNow().ToUnixTimeSeconds();

    private static QueueItem ItemOf(SqliteDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3),
        row.GetString(4), DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(5)), row.GetString(6), row.GetInt32(7) != 0, row.GetInt32(8),
        row.GetInt32(9));

    private static QueueCheck CheckOf(CheckFinding finding) => new(finding.Name, finding.Outcome switch
    {
        CheckOutcome.Passed => "passed",
        CheckOutcome.Failed => "failed",
        CheckOutcome.Error => "error",
        _ => Pending,
    }, finding.Reason);

    private void AddDecision(SqliteConnection connection, string digest, string moderator, string action, string note) =>
        MarketplaceDatabase.Run(connection,
            "INSERT INTO decisions(digest, at, caller, action, note) VALUES ($digest, $at, $caller, $action, $note)",
            ("$digest", digest), ("$at", Now), ("$caller", moderator), ("$action", action), ("$note", note));
}
