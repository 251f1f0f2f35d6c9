namespace Estream.Circuits.Metering;

/// <summary>What a circuit that runs, or an operation, holds on disk, who is charged for it, and what it was at the last look. Thread-safe.</summary>
internal sealed class HeldStorage
{
    private readonly long _attestationsBefore;
    private IReadOnlyList<string> _directories;
    private Holding _now = new(0, 0, 0);

    /// <param name="account">Who is charged.</param>
    /// <param name="directories">The directories of all that is written.</param>
    /// <param name="queuesWritten">The queues that are written.</param>
    /// <param name="attestationsOf">Tells how many attestations a queue has.</param>
    public HeldStorage(Tenant account, IReadOnlyList<string> directories, IReadOnlyList<string> queuesWritten, Func<string, long>? attestationsOf)
    {
        Account = account;
        QueuesWritten = queuesWritten;
        _directories = directories;
        _attestationsBefore = attestationsOf is null ? 0 : queuesWritten.Sum(attestationsOf);
    }

    public Tenant Account { get; }

    /// <summary>The directories of all that is written; none when it has ended.</summary>
    public IReadOnlyList<string> Directories => Volatile.Read(ref _directories);

    public IReadOnlyList<string> QueuesWritten { get; }

    /// <summary>What it was at the last look.</summary>
    public Holding Now => Volatile.Read(ref _now);

    /// <summary>Takes what was found at a look.</summary>
    /// <param name="bytes">What is held now.</param>
    /// <param name="attestations">The attestations of the queues there are.</param>
    /// <param name="seconds">How long what was held at the look before has been held.</param>
    public void Take(long bytes, long attestations, double seconds) =>
        Volatile.Write(ref _now, new Holding(bytes, CircuitUsage.Sum(_now.ByteSeconds, (long)(_now.Bytes * seconds)), Math.Max(_now.Proofs, attestations - _attestationsBefore)));

    /// <summary>Nothing is held for this one any more.</summary>
    public void End() => Volatile.Write(ref _directories, []);
}

/// <summary>What is held.</summary>
/// <param name="Bytes">Bytes of files.</param>
/// <param name="ByteSeconds">For how long there was how much.</param>
/// <param name="Proofs">Attestations since it began.</param>
internal sealed record Holding(long Bytes, long ByteSeconds, long Proofs);
