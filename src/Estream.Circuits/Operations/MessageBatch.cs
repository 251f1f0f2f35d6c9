using System.Runtime.InteropServices;

namespace Estream.Circuits.Operations;

/// <summary>A batch of requests or results: messages back to back in reusable memory. Not thread-safe. Allocates only when it grows beyond
/// its previous maximum.</summary>
public sealed class MessageBatch
{
    /// <summary>The maximum number of messages.</summary>
    public const int MaxMessages = 1 << 16;

    /// <summary>The maximum number of bytes: 128 MiB.</summary>
    public const int MaxBytes = 1 << 27;

    private const int LeastBytes = 4_096;

    private readonly List<int> _ends = [];
    private byte[] _bytes = [];

    /// <summary>The number of messages.</summary>
    public int Count => _ends.Count;

    /// <summary>The total length of all messages in bytes.</summary>
    public int Length => _ends.Count == 0 ? 0 : _ends[^1];

    /// <summary>Returns a message. Valid until the batch is changed.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1.</param>
    public ReadOnlySpan<byte> this[int index] => _bytes.AsSpan(StartOf(index).._ends[index]);

    /// <summary>The end offsets of the messages in <see cref="Bytes"/>, <see cref="Count"/> of them. A device receives them together with
    /// the bytes.</summary>
    public ReadOnlySpan<int> Ends => CollectionsMarshal.AsSpan(_ends);

    /// <summary>All messages back to back. Valid until the batch is changed.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    /// <summary>Removes all messages. Keeps the memory.</summary>
    public void Clear() => _ends.Clear();

    /// <summary>Adds a message.</summary>
    /// <param name="message">Any bytes. A message that is not a valid request of the operation gets the status
    /// <see cref="OperationStatus.Invalid"/>.</param>
    /// <exception cref="InvalidOperationException">The batch is full.</exception>
    public void Append(ReadOnlySpan<byte> message)
    {
        message.CopyTo(Reserve(message.Length));
        Add(message.Length);
    }

    /// <summary>Reserves space for a message to be written in place. <see cref="Add"/> adds the message to the batch.</summary>
    /// <param name="bytes">The maximum length of the message.</param>
    /// <returns>The space; its content is undefined.</returns>
    /// <exception cref="InvalidOperationException">The batch is full.</exception>
    public Span<byte> Reserve(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        int length = Length;
        if (Count == MaxMessages || bytes > MaxBytes - length)
        {
            throw new InvalidOperationException(
                $"The batch is full: it holds at most {MaxMessages} messages and {MaxBytes} bytes. Run and clear it first.");
        }

        if (bytes > _bytes.Length - length)
        {
            Array.Resize(ref _bytes, (int)Math.Clamp(2L * _bytes.Length, Math.Max(LeastBytes, length + bytes), MaxBytes));
        }

        return _bytes.AsSpan(length, bytes);
    }

    /// <summary>Adds a message that was written to the space returned by <see cref="Reserve"/>.</summary>
    /// <param name="length">The length of the message in bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length exceeds the available space.</exception>
    public void Add(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _bytes.Length - Length);
        _ends.Add(Length + length);
    }

    private int StartOf(int index) => index == 0 ? 0 : _ends[index - 1];
}
