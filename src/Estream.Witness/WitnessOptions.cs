using Estream.Core;
using Estream.Crypto;

namespace Estream.Witness;

/// <summary>Options of a <see cref="QueueWitness"/>. The defaults suit most uses.</summary>
public sealed record WitnessOptions
{
    /// <summary>The maximum number of messages per attestation, 1 to 16,777,216; 65,536 by default.</summary>
    public int MaxMessages { get; init; } = 65_536;

    /// <summary>The longest time a message waits for its attestation, by <see cref="Clock"/>, excluding the time to attest; 100 ms by
    /// default. With zero, all available messages are attested as soon as the end of the queue is reached.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// The number of attestations, counted from the last, that are checked against their messages when the witness is opened. The messages
    /// are read again, as far as the queue still has them. 1 by default; <see cref="int.MaxValue"/> for all.
    /// </summary>
    public int Recheck { get; init; } = 1;

    /// <summary>
    /// Whether messages are flushed to the device before they are attested, and each attestation before the next one. False by default:
    /// messages and attestations then have the durability of the queues' other messages. If a power cut loses attested messages, the
    /// witness refuses to continue.
    /// </summary>
    public bool IsDurable { get; init; }

    /// <summary>
    /// Whether the queue is the change feed of one map. Attestations then include the root of the map's state, which
    /// <see cref="WitnessProver.ProveState(ReadOnlySpan{byte})"/> needs. False by default. Takes 76 to 87 bytes of memory for each entry of
    /// the map. Opening reads the whole feed, so the queue must not have retention.
    /// </summary>
    public bool IsChangeFeed { get; init; }

    /// <summary>The name of the tailer that keeps the queue from deleting messages before they are attested.</summary>
    public string TailerName { get; init; } = "witness";

    /// <summary>Trusted keys of earlier attestations, in addition to the current signing key.</summary>
    public IReadOnlyList<IVerifier> EarlierKeys { get; init; } = [];

    /// <summary>Hashes the leaves of new messages, such as on a card; null by default, the processor hashes them. The witness computes one
    /// hash of each batch of up to 256 leaves again. If it differs, the processor hashes that batch and all later leaves; see
    /// <see cref="QueueWitness.HasLeafHasherFailed"/>.</summary>
    public ILeafHasher? LeafHasher { get; init; }

    /// <summary>The clock for the time of attestations and for <see cref="MaxDelay"/>; the system clock by default.</summary>
    public IClock Clock { get; init; } = SystemClock.Instance;

    internal const int MostMessages = 1 << 24;

    internal void Validate()
    {
        if (MaxMessages is < 1 or > MostMessages)
        {
            throw new ArgumentException($"MaxMessages is {MaxMessages}; it must be from 1 to {MostMessages}.");
        }

        if (MaxDelay < TimeSpan.Zero || MaxDelay > TimeSpan.FromDays(1))
        {
            throw new ArgumentException($"MaxDelay is {MaxDelay}; it must be from zero to a day.");
        }

        if (Recheck < 0)
        {
            throw new ArgumentException($"Recheck is {Recheck}; it must be 0 or a positive number of attestations.");
        }
    }
}
