using Estream.Marketplace.Trust.Log;

namespace Estream.Marketplace.Trust.Namespaces;

/// <summary>The invalid entries found in a log. Anyone can audit a registry this way. Immutable.</summary>
/// <remarks>
/// An invalid entry proves that the log's operator accepted it. A second publication of a version is such an entry: the two inclusion
/// proofs (<see cref="LogClient.ReadEntryAsync"/>) and the checkpoint are public evidence against the operator.
/// </remarks>
public sealed class LogAudit
{
    /// <summary>The maximum number of violations that are kept; a log may have more.</summary>
    public const int MaxViolations = 1000;

    private LogAudit(IReadOnlyList<LogViolation> violations, byte[] namespaceRoot) =>
        (Violations, NamespaceRoot) = (violations, namespaceRoot);

    /// <summary>The entries that are not valid at their index.</summary>
    public IReadOnlyList<LogViolation> Violations { get; }

    /// <summary>The root of the namespace map built from the valid entries. A snapshot of this log size must have the same root.</summary>
    public ReadOnlyMemory<byte> NamespaceRoot { get; }

    /// <summary>Reads a log from the position of a map to the end.</summary>
    /// <param name="client">The log.</param>
    /// <param name="checkpoint">The checkpoint at the end, already verified by the caller.</param>
    /// <param name="map">The map of the entries so far; updated.</param>
    /// <param name="cancellation">Cancels the operation.</param>
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

/// <summary>An entry that is not valid at its index.</summary>
/// <param name="Index">The index of the entry.</param>
/// <param name="Fault">Why the entry is not valid.</param>
/// <param name="Reason">The fault as text.</param>
public sealed record LogViolation(long Index, LogEntryFault Fault, string Reason);
