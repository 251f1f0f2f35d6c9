using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Marketplace.Trust.Log;

namespace Estream.Marketplace.Trust.Namespaces;

/// <summary>The log of a registry: a transparency log that accepts only valid entries of namespace owners.</summary>
/// <remarks>Not thread-safe; one process at a time per directory. Opening reads all entries and verifies their signatures, which costs some
/// tens of microseconds per entry.</remarks>
public sealed class ComponentLog : IDisposable
{
    private readonly TransparencyLog _log;

    private ComponentLog(TransparencyLog log, NamespaceMap map) => (_log, Map) = (log, map);

    /// <summary>The map built from all entries, including those not covered by a signed checkpoint yet.</summary>
    public NamespaceMap Map { get; }

    /// <summary>The newest signed checkpoint, or <see langword="null"/>.</summary>
    public SignedNote? LastSigned => _log.LastSigned;

    /// <summary>Opens the log of a registry, or creates one.</summary>
    /// <param name="options">The directory, name and signers of the log.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <exception cref="EstreamCorruptionException">The files contradict the last checkpoint, or an entry is not valid at its
    /// index.</exception>
    /// <exception cref="EstreamLeaseException">Another process is writing the log.</exception>
    public static async ValueTask<ComponentLog> OpenAsync(TransparencyLogOptions options, CancellationToken cancellation)
    {
        TransparencyLog log = TransparencyLog.Open(options);
        try
        {
            NamespaceMap map = new();
            if (log.LastSigned is { } signed && Checkpoint.TryParse(signed.Text, out Checkpoint? checkpoint, out _) && checkpoint.Size > 0)
            {
                LogAudit audit = await LogAudit.RunAsync(new LogClient(new DirectoryFileSource(options.Directory)), checkpoint, map,
                    cancellation).ConfigureAwait(false);
                if (audit.Violations is [{ } first, ..])
                {
                    throw new EstreamCorruptionException(
                        $"Entry {first.Index} of the log in '{options.Directory}' is not valid: {first.Reason}. "
                        + "Do not use this log.", options.Directory);
                }
            }

            return new ComponentLog(log, map);
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>Appends an entry if it is valid. The entry is part of the log when the next <see cref="Sign"/> returns.</summary>
    /// <param name="entry">An untrusted envelope.</param>
    /// <param name="index">The index that the entry will have; -1 if it is rejected.</param>
    /// <param name="reason">Why the entry is rejected, as text.</param>
    /// <returns><see cref="LogEntryFault.None"/>, or why the entry is rejected.</returns>
    public LogEntryFault Submit(ReadOnlySpan<byte> entry, out long index, out string reason)
    {
        index = -1;
        LogEntryFault fault = Map.Check(entry, out _, out reason);
        if (fault == LogEntryFault.None)
        {
            index = _log.Append(entry);
            Map.Apply(entry, out _);
        }

        return fault;
    }

    /// <summary>Signs a checkpoint as <see cref="TransparencyLog.Sign"/> does.</summary>
    public SignedNote Sign() => _log.Sign();

    /// <summary>Publishes the checkpoint as <see cref="TransparencyLog.Publish"/> does.</summary>
    /// <param name="cosignatures">The cosignatures from witnesses.</param>
    public void Publish(params IEnumerable<NoteSignature> cosignatures) => _log.Publish(cosignatures);

    /// <summary>Releases the lock on the directory. Idempotent.</summary>
    public void Dispose() => _log.Dispose();
}
