using Estream.Circuits.Operations;
using Estream.Crypto;
using Estream.Fpga.Internal;

namespace Estream.Fpga;

/// <summary>
/// Runs operations of circuits with the help of cards: appends are numbered and checked, and keys and versions of puts and exchanges looked
/// up, by a card; leaves of Merkle trees are hashed by one. Queues and maps of the host are the truth, and results are those of
/// <see cref="CpuTarget"/>: with a card, without one, and when one fails in the midst of a batch. Thread-safe.
/// </summary>
/// <remarks>
/// Each request is done once, by the host. A card that is gone, times out, or answers what cannot be is reset, and given up for a while
/// when that does not help; what it left unanswered goes on without it. Cards that are not there, or no native library for them, are no
/// error: see <see cref="ReadCards"/>. A card works for one batch at a time; operations are spread over all cards, and go to another one
/// when theirs is out.
/// </remarks>
public sealed class FpgaTarget : IExecutionTarget, IDisposable
{
    private const int MostCards = 16;

    private readonly CardSlots _cards;
    private readonly Lock _hashingGate = new();
    private readonly LeafHashing _hashing;

    /// <summary>Makes a target. Cards are opened when they are needed.</summary>
    /// <param name="options">Which cards.</param>
    /// <exception cref="ArgumentException">No cards or more than 16, or an option outside of what it says.</exception>
    public FpgaTarget(FpgaTargetOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Cards.Count is 0 or > MostCards)
        {
            throw new ArgumentException($"A target has from 1 to {MostCards} cards, and not {options.Cards.Count}.", nameof(options));
        }

        if (options.MessageMemoryBytes is < 1 << 18 or > 1 << 30)
        {
            throw new ArgumentException(
                $"{nameof(options.MessageMemoryBytes)} is from 256 KiB to 1 GiB, and not {options.MessageMemoryBytes} bytes.",
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

    /// <summary>Whether it runs an operation: <c>queue.append</c>, <c>map.put</c> and <c>map.cas</c>.</summary>
    /// <param name="kind">The operation.</param>
    public bool CanRun(OperationKind kind) => kind is OperationKind.QueueAppend or OperationKind.MapPut or OperationKind.MapCas;

    /// <inheritdoc/>
    public IExecutableOperation Open(CircuitOperation operation, OperationResources resources)
    {
        ArgumentNullException.ThrowIfNull(operation);
        ArgumentNullException.ThrowIfNull(resources);
        if (!CanRun(operation.Kind))
        {
            throw new NotSupportedException($"Cards have no engine for '{operation}': open it on {nameof(CpuTarget)}, which runs all.");
        }

        IExecutableOperation host = CpuTarget.Instance.Open(operation, resources);
        if (operation.Kind == OperationKind.QueueAppend)
        {
            return new FpgaAppendOperation(operation, host, _cards, resources.Queue(operation.Queue!));
        }

        OperationMap map = resources.Map(operation.Map!);
        return new FpgaStoreOperation(operation, host, _cards, (object?)map.Plain ?? map.Versioned!);
    }

    /// <summary>Hashes leaves of a Merkle tree: SHA3-256 of a zero byte and the message, what the witness attests. By a card where one is
    /// ready, else by the processor, with the same hashes.</summary>
    /// <param name="messages">Their bytes, one behind the other.</param>
    /// <param name="lengths">The length of each.</param>
    /// <param name="hashes">Becomes their hashes, 32 bytes each. Not the memory of the messages.</param>
    /// <exception cref="ArgumentException">A length is negative, or they do not add up to the bytes there are, or there is room for more or
    /// fewer hashes.</exception>
    public void HashLeaves(ReadOnlySpan<byte> messages, ReadOnlySpan<int> lengths, Span<byte> hashes)
    {
        long sum = 0;
        foreach (int length in lengths)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(length, nameof(lengths));
            sum += length;
        }

        if (sum != messages.Length)
        {
            throw new ArgumentException($"The lengths add up to {sum}, but there are {messages.Length} bytes.", nameof(lengths));
        }

        if (hashes.Length != (long)lengths.Length * Sha3Lanes.HashBytes)
        {
            throw new ArgumentException(
                $"There is room for {hashes.Length} bytes of hashes, and {lengths.Length} messages have "
                + $"{(long)lengths.Length * Sha3Lanes.HashBytes}.", nameof(hashes));
        }

        lock (_hashingGate)
        {
            _hashing.Hash(messages, lengths, hashes);
        }
    }

    /// <summary>How the cards stand, in the order of the options. Looks for those that are out, where it is time to; waits for batches that
    /// are under way.</summary>
    public IReadOnlyList<FpgaCardReport> ReadCards() => [.. _cards.All.Select(slot => slot.Report())];

    /// <summary>Closes the cards. Operations that are open go on without them. Idempotent.</summary>
    public void Dispose() => _cards.Dispose();

    internal IReadOnlyList<CardSlot> Slots => _cards.All;
}
