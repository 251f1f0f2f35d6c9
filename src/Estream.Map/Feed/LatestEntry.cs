using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Map;

/// <summary>
/// The latest message of one key, for maps that follow a queue: its position in the queue, and the message itself if it is short. 248 bytes
/// without padding.
/// </summary>
public struct LatestEntry : IEquatable<LatestEntry>
{
    /// <summary>The maximum length in bytes of a message that an entry contains. A longer one is read from the queue at
    /// <see cref="Position"/>.</summary>
    public const int InlineBytes = 216;

    private long _position;
    private long _sequence;
    private long _time;
    private long _length;
    private Bytes _inline;

    /// <summary>The position of the message in the queue.</summary>
    public readonly long Position => _position;

    /// <summary>The sequence number of the message in the queue: 0, 1, 2, …</summary>
    public readonly long Sequence => _sequence;

    /// <summary>The time at which the message was appended, in nanoseconds since the Unix epoch.</summary>
    public readonly long Time => _time;

    /// <summary>The length of the whole message in bytes, even if the entry does not contain it.</summary>
    public readonly int Length => (int)_length;

    /// <summary>Whether the entry contains the whole message.</summary>
    public readonly bool IsInline => (ulong)_length <= InlineBytes;

    /// <summary>The message, valid as long as this entry is; empty if it is too long for the entry.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Message => IsInline ? ((ReadOnlySpan<byte>)_inline)[..(int)_length] : [];

    /// <summary>Creates an entry, which contains the message if it is short enough. Allocates nothing.</summary>
    /// <param name="position">The position of the message in the queue.</param>
    /// <param name="sequence">The sequence number of the message in the queue.</param>
    /// <param name="time">The time at which it was appended, in nanoseconds since the Unix epoch.</param>
    /// <param name="message">The whole message.</param>
    public static LatestEntry Create(long position, long sequence, long time, ReadOnlySpan<byte> message)
    {
        LatestEntry entry = default;
        entry._position = position;
        entry._sequence = sequence;
        entry._time = time;
        entry._length = message.Length;
        if (entry.IsInline)
        {
            message.CopyTo(entry._inline);
        }

        return entry;
    }

    /// <summary>Whether two entries have the same position, sequence number, time, length and content.</summary>
    public readonly bool Equals(LatestEntry other) => RawValue.AreEqual(in this, in other);

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is LatestEntry other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => HashCode.Combine(_position, _sequence, _time, _length);

    /// <summary>Whether two entries have the same position, sequence number, time, length and content.</summary>
    public static bool operator ==(LatestEntry left, LatestEntry right) => left.Equals(right);

    /// <summary>Whether two entries differ.</summary>
    public static bool operator !=(LatestEntry left, LatestEntry right) => !left.Equals(right);

    [InlineArray(InlineBytes)]
    private struct Bytes
    {
        private byte _first;
    }
}
