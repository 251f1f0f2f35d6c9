using Estream.Core;
using Estream.Crypto;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Publishing;

/// <summary>The online keys of a registry: those of snapshot, timestamp and log. The keys of root and targets can be kept
/// offline.</summary>
internal sealed class RegistryKeys : IDisposable
{
    private readonly MlDsa87PrivateKey _log;
    private readonly NoteSigner _notes;

    private RegistryKeys(string name, DocumentSigner snapshot, DocumentSigner timestamp, MlDsa87PrivateKey log, IClock clock)
    {
        (Name, Snapshot, Timestamp, _log) = (name, snapshot, timestamp, log);
        Log = new DocumentSigner(log);
        _notes = new NoteSigner(name, NoteKeyKind.MlDsa87Cosignature, log, clock);
    }

    public string Name { get; }

    public DocumentSigner Snapshot { get; private set; }

    public DocumentSigner Timestamp { get; private set; }

    public DocumentSigner Log { get; }

    public static RegistryKeys Load(string folder, string name, IClock clock)
    {
        DocumentSigner? snapshot = null, timestamp = null;
        try
        {
            snapshot = OperatorKeys.Load(folder, OperatorKeys.Snapshot);
            timestamp = OperatorKeys.Load(folder, OperatorKeys.Timestamp);
            return new RegistryKeys(name, snapshot, timestamp, MlDsa87PrivateKey.Load(OperatorKeys.PathOf(folder, OperatorKeys.Log)),
                clock);
        }
        catch
        {
            snapshot?.Dispose();
            timestamp?.Dispose();
            throw;
        }
    }

    /// <summary>Loads the current keys of snapshot and timestamp. The key of the log is in use by the log and stays.</summary>
    public void Reload(string folder)
    {
        DocumentSigner snapshot = OperatorKeys.Load(folder, OperatorKeys.Snapshot);
        Snapshot.Dispose();
        Snapshot = snapshot;
        DocumentSigner timestamp = OperatorKeys.Load(folder, OperatorKeys.Timestamp);
        Timestamp.Dispose();
        Timestamp = timestamp;
    }

    public TransparencyLogOptions LogOptions(string served) =>
        new() { Directory = RegistryOperator.LogFolder(served), Origin = Name, Signers = [_notes] };

    /// <summary>Creates the role publication for the log at a checkpoint.</summary>
    public RolePublication Publication(SignedNote signed, NamespaceMap map) =>
        Checkpoint.TryParse(signed.Text, out Checkpoint? checkpoint, out _)
        ? new RolePublication
        {
            LogSize = checkpoint.Size,
            LogRoot = Convert.ToHexStringLower(checkpoint.Root),
            NamespaceRoot = Convert.ToHexStringLower(map.ComputeRoot()),
            SnapshotSigners = [Snapshot],
            TimestampSigners = [Timestamp],
        }
        : throw new ArgumentException("The note is not a checkpoint.", nameof(signed));

    public void Dispose()
    {
        Snapshot.Dispose();
        Timestamp.Dispose();
        Log.Dispose();
        _log.Dispose();
    }
}
