using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Marketplace.Trust.Log;

namespace Estream.Marketplace.Trust.Namespaces;

/// <summary>The log of a registry: a transparency log that takes only what the owners of namespaces may say.</summary>
/// <remarks>One thread at a time, and one process at a time for a directory. Opening reads all entries and verifies their signatures: some
/// tens of microseconds each.</remarks>
public sealed class ComponentLog : IDisposable
{
    private readonly TransparencyLog _log;

    private ComponentLog(TransparencyLog log, NamespaceMap map) => (_log, Map) = (log, map);

    /// <summary>What follows from the entries, those included that are not signed for yet.</summary>
    public NamespaceMap Map { get; }

    /// <summary>The newest signed checkpoint, or <see langword="null"/>.</summary>
    public SignedNote? LastSigned => _log.LastSigned;

    /// <summary>Opens the log of a registry, or begins one.</summary>
    /// <param name="options">Where, what, who.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="EstreamCorruptionException">Its files contradict its last checkpoint, or an entry has no place where it
    /// is.</exception>
    /// <exception cref="EstreamLeaseException">Another process writes it.</exception>
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
                        $"Entry {first.Index} of the log in '{options.Directory}' has no place there: {first.Reason}. A log that holds it "
                        + "must not be gone on with.", options.Directory);
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

    /// <summary>Appends an entry, if it has a place. It is in the log when the next <see cref="Sign"/> has returned.</summary>
    /// <param name="entry">An envelope, from anywhere.</param>
    /// <param name="index">The index it will have; -1 where it has no place.</param>
    /// <param name="reason">Why it has none, in words.</param>
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

    /// <summary>As <see cref="TransparencyLog.Sign"/>.</summary>
    public SignedNote Sign() => _log.Sign();

    /// <summary>As <see cref="TransparencyLog.Publish"/>.</summary>
    /// <param name="cosignatures">What witnesses have answered.</param>
    public void Publish(params IEnumerable<NoteSignature> cosignatures) => _log.Publish(cosignatures);

    /// <summary>Lets another process write the log. Idempotent.</summary>
    public void Dispose() => _log.Dispose();
}
