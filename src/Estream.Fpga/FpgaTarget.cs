using Estream.Circuits.Operations;
using Estream.Crypto;
using Estream.Fpga.Internal;

namespace Estream.Fpga;

/// <summary>
/// Runs operations of circuits with the help of cards. A card numbers and checks appends, looks up keys and versions of puts and exchanges,
/// and hashes leaves of Merkle trees. The host's queues and maps are authoritative: results equal those of <see cref="CpuTarget"/> with a
/// card, without a card, and if a card fails in the middle of a batch. Thread-safe.
/// </summary>
/// <remarks>
/// The host executes each request exactly once. The target resets a card that disappears, times out or gives an impossible answer, and
/// stops using the card for a while if resets do not help. Unanswered requests continue without the card. Missing cards, or a missing
/// native library, are not an error: see <see cref="ReadCards"/>. A card processes one batch at a time. Operations are distributed over all
/// cards. While the card of an operation is out, the operation uses another card.
/// </remarks>
public sealed class FpgaTarget : IExecutionTarget, IDisposable
{
    private const int MostCards = 16;

    private readonly CardSlots _cards;
    private readonly Lock _hashingGate = new();
    private readonly LeafHashing _hashing;

    /// <summary>Creates a target. Cards are opened on first use.</summary>
    /// <param name="options">The cards and how to use them.</param>
    /// <exception cref="ArgumentException">There are no cards or more than 16, or an option is out of range.</exception>
    public FpgaTarget(FpgaTargetOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Cards.Count is 0 or > MostCards)
        {
            throw new ArgumentException($"A target has 1 to {MostCards} cards; the options list {options.Cards.Count}.", nameof(options));
        }

        if (options.MessageMemoryBytes is < 1 << 18 or > 1 << 30)
        {
            throw new ArgumentException(
                $"{nameof(options.MessageMemoryBytes)} is {options.MessageMemoryBytes}; it must be from 256 KiB to 1 GiB.",
                nameof(options));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(options.Timeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ReopenInterval, TimeSpan.Zero);
        _cards = new CardSlots(options);
        _hashing = new LeafHashing(_cards);
        Name = $"fpga ({string.Join(", ", options.Cards)})";
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Returns whether the target runs an operation: <c>queue.append</c>, <c>map.put</c> and <c>map.cas</c>.</summary>
    /// <param name="kind">The operation.</param>
    public bool CanRun(OperationKind kind) => kind is OperationKind.QueueAppend or OperationKind.MapPut or OperationKind.MapCas;

    /// <inheritdoc/>
    public IExecutableOperation Open(CircuitOperation operation, OperationResources resources)
    {
        ArgumentNullException.ThrowIfNull(operation);
        ArgumentNullException.ThrowIfNull(resources);
        if (!CanRun(operation.Kind))
        {
            throw new NotSupportedException($"Cards have no engine for '{operation}'. Open it on {nameof(CpuTarget)}, which runs it.");
        }

        IExecutableOperation host = CpuTarget.Instance.Open(operation, resources);
        if (operation.Kind == OperationKind.QueueAppend)
        {
            return new FpgaAppendOperation(operation, host, _cards, resources.Queue(operation.Queue!));
        }

        OperationMap map = resources.Map(operation.Map!);

        // Cards store values of any length, so a map of fixed-size values stays on the processor.
        return ((object?)map.Plain ?? map.Versioned) is { } stored ? new FpgaStoreOperation(operation, host, _cards, stored) : host;
    }

    /// <summary>Hashes leaves of a Merkle tree: SHA3-256 of a zero byte and the message, the leaf hash of Estream.Witness. Uses a card if a
    /// card is ready, otherwise the processor; the hashes are the same.</summary>
    /// <param name="messages">The messages, concatenated.</param>
    /// <param name="lengths">The length of each message.</param>
    /// <param name="hashes">Receives the hashes, 32 bytes each. Must not overlap the messages.</param>
    /// <param name="card">The address of the card to use. While this card is not ready, the target uses another card. Default:
    /// null, the target chooses.</param>
    /// <exception cref="ArgumentException">A length is negative, the lengths do not add up to the size of the messages, the span for the
    /// hashes has the wrong length, or the target does not have the card.</exception>
    public void HashLeaves(ReadOnlySpan<byte> messages, ReadOnlySpan<int> lengths, Span<byte> hashes, string? card = null)
    {
        long sum = 0;
        foreach (int length in lengths)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(length, nameof(lengths));
            sum += length;
        }

        if (sum != messages.Length)
        {
            throw new ArgumentException($"The lengths add up to {sum}; the messages have {messages.Length} bytes.", nameof(lengths));
        }

        if (hashes.Length != (long)lengths.Length * Sha3Lanes.HashBytes)
        {
            throw new ArgumentException(
                $"The span for the hashes has {hashes.Length} bytes; {lengths.Length} messages need "
                + $"{(long)lengths.Length * Sha3Lanes.HashBytes}.", nameof(hashes));
        }

        int? place = card is null ? null : _cards.PlaceOf(card);
        if (place < 0)
        {
            throw new ArgumentException($"The target {Name} does not have the card '{card}'.", nameof(card));
        }

        lock (_hashingGate)
        {
            _hashing.Hash(messages, lengths, hashes, place);
        }
    }

    /// <summary>Returns the state of each card, in the order of the options. Tries to open cards that are out if their retry interval has
    /// passed. Waits for batches in progress.</summary>
    public IReadOnlyList<FpgaCardReport> ReadCards() => [.. _cards.All.Select(slot => slot.Report())];

    /// <summary>Closes the cards. Open operations continue without them. Idempotent.</summary>
    public void Dispose() => _cards.Dispose();

    internal IReadOnlyList<CardSlot> Slots => _cards.All;
}
