using System.Net;
using System.Text;
using System.Text.Json;
using Estream.Esf.Schema;
using Estream.Marketplace;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Releases;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>Lists and approves pending releases of a marketplace server: `pending --to` and `approve --to`.</summary>
internal static class RemoteModeration
{
    private const string Queue = MarketplaceConnection.Admin + "/queue";
    private const int MaxPages = 100;

    /// <summary>Lists the pending releases; returns the exit code.</summary>
    public static async Task<int> ListAsync(CliContext context, MarketplaceOutput said, MarketplaceConnection server)
    {
        List<PendingRelease> waiting = await ReadAsync(server, context.Cancellation).ConfigureAwait(false);
        foreach (PendingRelease one in waiting)
        {
            said.Say($"{one.Name}@{one.Version}  {one.Category}  {one.Digest}{(one.IsFlagged ? "  flagged" : "")}", line =>
            {
                line.WriteString("name", one.Name);
                line.WriteString("version", one.Version);
                line.WriteString("category", one.Category);
                line.WriteString("release", one.Digest);
                line.WriteBoolean("isFlagged", one.IsFlagged);
            });
        }

        return waiting.Count == 0 ? ExitCode.Ok : ExitCode.No;
    }

    /// <summary>Signs the approval of a pending release here and submits it; returns the exit code.</summary>
    /// <param name="context">The environment of the command.</param>
    /// <param name="said">The output.</param>
    /// <param name="server">The server.</param>
    /// <param name="text">The release, as NAME@VERSION or digest.</param>
    /// <param name="local">The statement of a package on this machine; null if the server names the release.</param>
    /// <param name="keys">The keys of reviewers; empty if the approval is signed.</param>
    /// <param name="signed">An approval that was signed elsewhere; null to sign here.</param>
    /// <param name="note">A note for the record.</param>
    public static async Task<int> ApproveAsync(CliContext context, MarketplaceOutput said, MarketplaceConnection server, string text,
        ReleaseStatement? local, string[] keys, byte[]? signed, string note)
    {
        ReleaseApproval approval = local is not null ? ReleaseApproval.Of(local)
            : await FindAsync(server, text, context.Cancellation).ConfigureAwait(false);
        byte[] envelope = signed ?? Sign(approval, keys);
        string body = $"{{\"note\":\"{JsonEncodedText.Encode(note)}\",\"approval\":{Encoding.UTF8.GetString(envelope)}}}";
        using StringContent content = new(body, Encoding.UTF8, "application/json");
        (HttpStatusCode status, JsonDocument? answer) = await server.SendAsync(HttpMethod.Post, $"{Queue}/{approval.Release}/approve",
            content, context.Cancellation).ConfigureAwait(false);
        using (answer)
        {
            bool isPublished = status == HttpStatusCode.NoContent;
            string progress = isPublished ? "is published in"
                : $"has {answer?.RootElement.GetProperty("approvals")} of "
                    + $"{answer?.RootElement.GetProperty("approvalsRequired")} approvals in";
            said.Say($"{approval.Name} {approval.Version} {progress} {server.Address}\nrelease {approval.Release}", json =>
            {
                json.WriteString("name", approval.Name);
                json.WriteString("version", approval.Version);
                json.WriteString("outcome", isPublished ? "published" : "pending");
                json.WriteString("release", approval.Release);
            });
        }

        return ExitCode.Ok;
    }

    private static byte[] Sign(ReleaseApproval approval, string[] keys)
    {
        List<DocumentSigner> signers = MarketplaceOptions.Load(keys);
        try
        {
            return approval.Sign(signers);
        }
        finally
        {
            signers.ForEach(signer => signer.Dispose());
        }
    }

    private static async Task<ReleaseApproval> FindAsync(MarketplaceConnection server, string text, CancellationToken cancellation)
    {
        PendingRelease[] found = [.. (await ReadAsync(server, cancellation).ConfigureAwait(false))
            .Where(one => one.Digest == text || $"{one.Name}@{one.Version}" == text)];
        return found.Length == 1
            ? new ReleaseApproval { Release = found[0].Digest, Name = found[0].Name, Version = found[0].Version }
            : found.Length == 0
                ? throw new CliException($"No pending release matches '{text}' in {server.Address}. List pending releases with 'estream "
                    + $"marketplace pending --to {server.Address}'.", ExitCode.No)
            : throw new CliException($"{found.Length} pending releases match '{text}'. Give the digest of one of them: "
                + string.Join(", ", found.Select(one => one.Digest)), ExitCode.No);
    }

    private static async Task<List<PendingRelease>> ReadAsync(MarketplaceConnection server, CancellationToken cancellation)
    {
        List<PendingRelease> all = [];
        string? cursor = null;
        for (int page = 0; page < MaxPages; page++)
        {
            (_, JsonDocument? answer) = await server.GetAsync(Queue + (cursor is null ? "" : "?cursor=" + Uri.EscapeDataString(cursor)),
                cancellation).ConfigureAwait(false);
            using (answer)
            {
                JsonElement root = answer!.RootElement;
                all.AddRange(root.GetProperty("items").EnumerateArray().Select(Read));
                cursor = root.TryGetProperty("next", out JsonElement next) ? next.GetString() : null;
            }

            if (cursor is null)
            {
                break;
            }
        }

        return all;
    }

    // The texts are signed and printed, so they have the grammar of their kinds.
    private static PendingRelease Read(JsonElement item)
    {
        (ComponentName name, SemanticVersion version) =
            MarketplaceOptions.Release($"{item.GetProperty("name")}@{item.GetProperty("version")}");
        string digest = $"{item.GetProperty("id")}";
        return digest.Length == 64 && digest.All(char.IsAsciiHexDigitLower)
            ? new PendingRelease(name.ToString(), version.ToString(), $"{item.GetProperty("category")}", digest,
                item.GetProperty("isFlagged").GetBoolean())
            : throw new CliException($"The server returned '{digest}', which is not the digest of a release.");
    }

    private sealed record PendingRelease(string Name, string Version, string Category, string Digest, bool IsFlagged);
}
