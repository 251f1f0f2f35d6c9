using Estream.Marketplace.Trust.Log;

namespace Estream.Marketplace.Trust.Namespaces;

/// <summary>What a log holds that it must not: how anybody watches the registry. Immutable.</summary>
/// <remarks>
/// An entry without a place proves that the log's operator let it in. Two publications of one version are among them: with the proofs of
/// both
/// (<see cref="LogClient.ReadEntryAsync"/>) and the checkpoint they convict it in front of everybody.
/// </remarks>
public sealed class LogAudit
{
    /// <summary>The most violations that are kept; there may be more.</summary>
    public const int MaxViolations = 1000;

    private LogAudit(IReadOnlyList<LogViolation> violations, byte[] namespaceRoot) =>
        (Violations, NamespaceRoot) = (violations, namespaceRoot);

    /// <summary>The entries that have no place where they are.</summary>
    public IReadOnlyList<LogViolation> Violations { get; }

    /// <summary>The root of the map of namespaces that follows from the others: a snapshot of this size has to have it.</summary>
    public ReadOnlyMemory<byte> NamespaceRoot { get; }

    /// <summary>Reads a log from where a map stands to its end.</summary>
    /// <param name="client">The log.</param>
    /// <param name="checkpoint">Its end; verified by the caller.</param>
    /// <param name="map">What follows from the entries before; taken further.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="EstreamLogException">A file is missing, or does not lead to the root.</exception>
    public static async ValueTask<LogAudit> RunAsync(LogClient client, Checkpoint checkpoint, NamespaceMap map,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(map);
        List<LogViolation> violations = [];
        while (map.Size < checkpoint.Size)
        {
            long bundle = map.Size / LogPaths.TileWidth;
            IReadOnlyList<ReadOnlyMemory<byte>> entries = await client.ReadEntriesAsync(checkpoint, bundle, cancellation)
                .ConfigureAwait(false);
            foreach (ReadOnlyMemory<byte> entry in entries.Skip((int)(map.Size % LogPaths.TileWidth)))
            {
                LogEntryFault fault = map.Apply(entry.Span, out string reason);
                if (fault != LogEntryFault.None && violations.Count < MaxViolations)
                {
                    violations.Add(new LogViolation(map.Size - 1, fault, reason));
                }
            }
        }

        return new LogAudit(violations, map.ComputeRoot());
    }
}

/// <summary>An entry that a log must not hold where it is.</summary>
/// <param name="Index">Where it is.</param>
/// <param name="Fault">Why it must not.</param>
/// <param name="Reason">The same in words.</param>
public sealed record LogViolation(long Index, LogEntryFault Fault, string Reason);
