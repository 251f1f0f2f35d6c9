using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Estream.Marketplace.Server.Data;

namespace Estream.Marketplace.Server.Submission;

/// <summary>The answers to requests with an Idempotency-Key, for a day. A repeated request gets the same answer, and another request with
/// the same key is refused. Thread-safe.</summary>
internal sealed class IdempotencyKeys(MarketplaceDatabase database, TimeProvider time)
{
    /// <summary>The maximum length of a key.</summary>
    public const int MaxLength = 255;

    private const int MaxRows = 100_000;

    private static readonly TimeSpan s_kept = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private readonly HashSet<(string, string)> _running = [];

    /// <summary>Whether a text is a key: visible ASCII letters.</summary>
    public static bool IsKey(string text) => text.Length is > 0 and <= MaxLength && text.All(letter => letter is > ' ' and <= '~');

    /// <summary>Returns the digest that identifies a request.</summary>
    public static string DigestOf(string category, SubmittedFiles files)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{category}\n{files.Package.Length}\n")));
        hash.AppendData(files.Package);
        hash.AppendData(files.Entry);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Runs a request once.</summary>
    /// <param name="caller">The name of the caller; a key of another caller is another key.</param>
    /// <param name="key">The key.</param>
    /// <param name="body">The digest of the request.</param>
    /// <param name="run">Runs the request.</param>
    /// <returns>The result, and whether it is repeated.</returns>
    public async Task<(SubmissionResult Result, bool IsRepeated)> RunAsync(string caller, string key, string body,
        Func<Task<SubmissionResult>> run)
    {
        lock (_lock)
        {
            if (!_running.Add((caller, key)))
            {
                return (SubmissionResult.Of(new SubmissionFault(409, "idempotency_in_progress",
                    "A request with this Idempotency-Key is running. Retry when it has ended.")), false);
            }
        }

        try
        {
            if (Find(caller, key) is { } known)
            {
                return known.Body == body ? (known.Result, true) : (SubmissionResult.Of(new SubmissionFault(422, "idempotency_key_reused",
                    "The Idempotency-Key belongs to another request. Use a new key.")), false);
            }

            SubmissionResult result = await run().ConfigureAwait(false);
            if (result.Status is < 500 and not 429)
            {
                Keep(caller, key, body, result);
            }

            return (result, false);
        }
        finally
        {
            lock (_lock)
            {
                _running.Remove((caller, key));
            }
        }
    }

    private (string Body, SubmissionResult Result)? Find(string caller, string key)
    {
        List<(string, string)> rows = database.Read(connection => MarketplaceDatabase.Query(connection,
            "SELECT body, answer FROM idempotency WHERE caller=$caller AND key=$key AND at>=$since",
            row => (row.GetString(0), row.GetString(1)), ("$caller", caller), ("$key", key), ("$since", Since)));
        return rows.Count == 0 ? null : (rows[0].Item1, MarketplaceJson.Read<SubmissionResult>(rows[0].Item2));
    }

    private void Keep(string caller, string key, string body, SubmissionResult result) => database.Write(connection =>
    {
        MarketplaceDatabase.Run(connection, "DELETE FROM idempotency WHERE at<$since", ("$since", Since));
        MarketplaceDatabase.Run(connection,
            "DELETE FROM idempotency WHERE rowid IN (SELECT rowid FROM idempotency ORDER BY at DESC LIMIT -1 OFFSET $most)",
            ("$most", MaxRows));
        return MarketplaceDatabase.Run(connection, """
            INSERT OR REPLACE INTO idempotency(caller, key, body, at, status, location, answer)
            VALUES ($caller, $key, $body, $at, $status, $location, $answer)
            """,
            ("$caller", caller), ("$key", key), ("$body", body), ("$at", time.GetUtcNow().ToUnixTimeSeconds()),
            ("$status", result.Status), ("$location", result.Location), ("$answer", MarketplaceJson.Text(result)));
    });

    private long Since => (time.GetUtcNow() - s_kept).ToUnixTimeSeconds();
}
