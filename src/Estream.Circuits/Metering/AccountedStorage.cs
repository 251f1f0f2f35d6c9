namespace Estream.Circuits.Metering;

/// <summary>What a circuit that runs, or an operation, holds on disk, who is charged for it, and what it was at the last look.
/// <see cref="StorageMeter"/> alone changes it; anybody may ask.</summary>
/// <param name="account">Who is charged.</param>
/// <param name="directories">The directories of all that is written.</param>
/// <param name="queuesWritten">The queues that are written.</param>
internal sealed class AccountedStorage(Tenant account, IReadOnlyList<string> directories, IReadOnlyList<string> queuesWritten)
{
    private StorageUsage _now = new(0, 0, 0);

    public Tenant Account { get; } = account;

    public IReadOnlyList<string> Directories { get; } = directories;

    public IReadOnlyList<string> QueuesWritten { get; } = queuesWritten;

    /// <summary>What it was at the last look.</summary>
    public StorageUsage Now => Volatile.Read(ref _now);

    /// <summary>Takes what was found at a look.</summary>
    /// <param name="bytes">What is held now.</param>
    /// <param name="seconds">How long what was held at the look before has been held.</param>
    public void Take(long bytes, double seconds) =>
        Volatile.Write(ref _now,
            _now with { Bytes = bytes, ByteSeconds = CircuitUsage.Sum(_now.ByteSeconds, (long)(_now.Bytes * seconds)) });

    /// <summary>Takes attestations that have come.</summary>
    public void TakeProofs(long more) => Volatile.Write(ref _now, _now with { Proofs = _now.Proofs + more });
}

/// <summary>What is held.</summary>
/// <param name="Bytes">Bytes of files.</param>
/// <param name="ByteSeconds">For how long there was how much.</param>
/// <param name="Proofs">Attestations since it began.</param>
internal sealed record StorageUsage(long Bytes, long ByteSeconds, long Proofs);
