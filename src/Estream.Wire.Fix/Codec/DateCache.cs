using Estream.Core;

namespace Estream.Wire.Fix.Codec;

/// <summary>The day that was read last: the times of messages that follow each other are of the same one, but for midnight. Not
/// thread-safe.</summary>
internal sealed class DateCache
{
    // Begins with a day that is one: any eight bytes can come, and those of no day must not be what is remembered.
    private ulong _text = SpanValue.Read<ulong>("19700101"u8, 0);
    private long _nanos;

    /// <summary>The nanoseconds from 1970 to the start of a day written YYYYMMDD.</summary>
    /// <param name="text">Eight bytes.</param>
    /// <param name="utcNanos">The nanoseconds; 0 where it is no day.</param>
    public bool TryRead(ReadOnlySpan<byte> text, out long utcNanos)
    {
        ulong eight = SpanValue.Read<ulong>(text, 0);
        if (eight == _text)
        {
            utcNanos = _nanos;
            return true;
        }

        if (!FixText.TryDay(text, out utcNanos))
        {
            return false;
        }

        (_text, _nanos) = (eight, utcNanos);
        return true;
    }
}
