using Estream.Core;
using Estream.Crypto;

namespace Estream.Witness;

/// <summary>How a queue is witnessed. The defaults suit most uses.</summary>
public sealed record WitnessOptions
{
    /// <summary>After how many messages an attestation is made at the latest, 1 to 16,777,216; 65,536 by default.</summary>
    public int MaxMessages { get; init; } = 65_536;

    /// <summary>How long a message waits for its attestation at most, by <see cref="Clock"/>, apart from the time it takes; 100 ms by
    /// default. Zero attests whatever is there as soon as no more is.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How many of the last attestations are checked against the messages they are of before anything is attested: these messages are read
    /// again, as far as the queue still has them. 1 by default; <see cref="int.MaxValue"/> for all.
    /// </summary>
    public int Recheck { get; init; } = 1;

    /// <summary>
    /// Whether messages are brought to the device before they are attested, and attestations before the next one. False by default:
    /// messages and attestations survive what the queues' other messages survive. Where a power cut takes messages that are attested, the
    /// witness refuses to go on.
    /// </summary>
    public bool IsDurable { get; init; }

    /// <summary>
    /// Whether the queue is the change feed of one map: attestations then have the root of the map's state as well, which
    /// <see cref="WitnessProver.ProveState(ReadOnlySpan{byte})"/> proves with. False by default. Takes 64 bytes of memory for each entry of
    /// the map, and 12 to 23 more, and opening reads the whole feed, which must still be there: such a queue has no retention.
    /// </summary>
    public bool IsChangeFeed { get; init; }

    /// <summary>The name of the tailer that keeps the queue from giving up messages before they are attested.</summary>
    public string TailerName { get; init; } = "witness";

    /// <summary>Keys that earlier attestations may be signed with, besides the one that signs now.</summary>
    public IReadOnlyList<IVerifier> EarlierKeys { get; init; } = [];

    /// <summary>What gives attestations their time and says when they are due; the machine's clock by default.</summary>
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
            throw new ArgumentException($"Recheck is {Recheck}; it must be 0 or a number of attestations.");
        }
    }
}
