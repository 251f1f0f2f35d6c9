namespace Estream.Circuits.Metering;

/// <summary>The storage account of a running circuit or an operation: the tenant, the directories and queues that are written, and the
/// usage as last measured. Only <see cref="StorageMeter"/> changes it; any thread may read it.</summary>
/// <param name="account">The tenant that is charged.</param>
/// <param name="directories">The directories that the circuit or operation writes.</param>
/// <param name="queuesWritten">The queues that the circuit or operation writes.</param>
internal sealed class AccountedStorage(Tenant account, IReadOnlyList<string> directories, IReadOnlyList<string> queuesWritten)
{
    private StorageUsage _now = new(0, 0, 0);

    public Tenant Account { get; } = account;

    public IReadOnlyList<string> Directories { get; } = directories;

    public IReadOnlyList<string> QueuesWritten { get; } = queuesWritten;

    /// <summary>The usage as last measured.</summary>
    public StorageUsage Now => Volatile.Read(ref _now);

    /// <summary>Records a measurement.</summary>
    /// <param name="bytes">The bytes held now.</param>
    /// <param name="seconds">The time since the previous measurement, for which the previous bytes are charged.</param>
    public void Take(long bytes, double seconds) =>
        Volatile.Write(ref _now,
            _now with { Bytes = bytes, ByteSeconds = CircuitUsage.Sum(_now.ByteSeconds, (long)(_now.Bytes * seconds)) });

    /// <summary>Adds new attestations.</summary>
    public void TakeProofs(long more) => Volatile.Write(ref _now, _now with { Proofs = _now.Proofs + more });
}

/// <summary>The storage usage of one account.</summary>
/// <param name="Bytes">Bytes of files.</param>
/// <param name="ByteSeconds">Stored bytes integrated over time.</param>
/// <param name="Proofs">Attestations since the account was opened.</param>
internal sealed record StorageUsage(long Bytes, long ByteSeconds, long Proofs);
