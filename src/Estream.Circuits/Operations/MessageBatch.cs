using System.Runtime.InteropServices;

namespace Estream.Circuits.Operations;

/// <summary>Messages one behind the other in memory that is used again: a batch of requests, or of results. Not thread-safe. Allocates only
/// where it grows beyond what it has held before.</summary>
public sealed class MessageBatch
{
    /// <summary>Most messages of a batch.</summary>
    public const int MaxMessages = 1 << 16;

    /// <summary>Most bytes of a batch: 128 MiB.</summary>
    public const int MaxBytes = 1 << 27;

    private const int LeastBytes = 4_096;

    private readonly List<int> _ends = [];
    private byte[] _bytes = [];

    /// <summary>How many messages there are.</summary>
    public int Count => _ends.Count;

    /// <summary>The bytes of all messages.</summary>
    public int Length => _ends.Count == 0 ? 0 : _ends[^1];

    /// <summary>A message. Valid until the batch is changed.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1.</param>
    public ReadOnlySpan<byte> this[int index] => _bytes.AsSpan(StartOf(index).._ends[index]);

    /// <summary>Where the first <see cref="Count"/> messages end, counted in <see cref="Bytes"/>: what a device is handed with
    /// them.</summary>
    public ReadOnlySpan<int> Ends => CollectionsMarshal.AsSpan(_ends);

    /// <summary>All messages, one behind the other. Valid until the batch is changed.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    /// <summary>Takes all messages out. The memory stays.</summary>
    public void Clear() => _ends.Clear();

    /// <summary>Adds a message.</summary>
    /// <param name="message">Its bytes: any at all. What is no request of an operation gets the status
    /// <see cref="OperationStatus.Invalid"/>.</param>
    /// <exception cref="InvalidOperationException">The batch is full.</exception>
    public void Append(ReadOnlySpan<byte> message)
    {
        message.CopyTo(Reserve(message.Length));
        Add(message.Length);
    }

    /// <summary>Makes room for a message to be written in place; <see cref="Add"/> takes it in.</summary>
    /// <param name="bytes">The most bytes it may have.</param>
    /// <returns>The room, with whatever was in it.</returns>
    /// <exception cref="InvalidOperationException">The batch is full.</exception>
    public Span<byte> Reserve(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        int length = Length;
        if (Count == MaxMessages || bytes > MaxBytes - length)
        {
            throw new InvalidOperationException(
                $"A batch has at most {MaxMessages} messages and {MaxBytes} bytes. Run what is in it, clear it, and go on.");
        }

        if (bytes > _bytes.Length - length)
        {
            Array.Resize(ref _bytes, (int)Math.Clamp(2L * _bytes.Length, Math.Max(LeastBytes, length + bytes), MaxBytes));
        }

        return _bytes.AsSpan(length, bytes);
    }

    /// <summary>Takes in a message that was written where <see cref="Reserve"/> said.</summary>
    /// <param name="length">Its length in bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is not as much room.</exception>
    public void Add(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _bytes.Length - Length);
        _ends.Add(Length + length);
    }

    private int StartOf(int index) => index == 0 ? 0 : _ends[index - 1];
}
