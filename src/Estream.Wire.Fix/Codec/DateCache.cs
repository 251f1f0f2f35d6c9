using Estream.Core;

namespace Estream.Wire.Fix.Codec;

/// <summary>Caches the last parsed day, because consecutive messages nearly always carry the same date. Not thread-safe.</summary>
internal sealed class DateCache
{
    // The initial text is a valid day. A received text can be any eight bytes, so an invalid initial text could match one and pass as a
    // day.
    private ulong _text = SpanValue.Read<ulong>("19700101"u8, 0);
    private long _nanos;

    /// <summary>Reads a day written YYYYMMDD as nanoseconds from 1970 to its start.</summary>
    /// <param name="text">Eight bytes.</param>
    /// <param name="utcNanos">The nanoseconds; 0 if the text is not a valid day.</param>
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
