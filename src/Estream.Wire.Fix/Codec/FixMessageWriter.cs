using System.Buffers.Text;

namespace Estream.Wire.Fix.Codec;

/// <summary>Writes one message into a span: first the fields from MsgType on, then BodyLength before them and CheckSum after them. Nothing
/// is moved or measured in advance.</summary>
/// <remarks>The caller provides a large enough span. A message that does not fit is a programming error and throws.</remarks>
internal ref struct FixMessageWriter
{
    /// <summary>The number of bytes a message needs in addition to its fields.</summary>
    public const int Overhead = FixFrame.MaxHeaderLength + FixFrame.TrailerLength;

    private const int MaxTagLength = 11;

    private readonly Span<byte> _buffer;
    private int _position;

    public FixMessageWriter(Span<byte> destination)
    {
        _buffer = destination;
        _position = FixFrame.MaxHeaderLength;
    }

    /// <summary>The maximum number of bytes a field needs in addition to its value: tag, equals sign, SOH.</summary>
    public static int FieldOverhead => MaxTagLength + 2;

    public void Write(int tag, scoped ReadOnlySpan<byte> value)
    {
        WriteTag(tag);
        value.CopyTo(_buffer[_position..]);
        _position += value.Length;
        WriteEnd();
    }

    public void Write(int tag, long value)
    {
        WriteTag(tag);
        WriteDigits(value);
        WriteEnd();
    }

    /// <summary>Writes a time with milliseconds.</summary>
    public void WriteTime(int tag, long utcNanos)
    {
        WriteTag(tag);
        FixText.WriteTime(_buffer.Slice(_position, FixText.TimeLength), utcNanos);
        _position += FixText.TimeLength;
        WriteEnd();
    }

    /// <summary>Writes fields that are already encoded, each with its SOH.</summary>
    public void WriteRaw(scoped ReadOnlySpan<byte> fields)
    {
        fields.CopyTo(_buffer[_position..]);
        _position += fields.Length;
    }

    /// <summary>Writes BeginString and BodyLength before the fields and CheckSum after them.</summary>
    /// <param name="beginString">The version, at most <see cref="FixFrame.MaxBeginString"/> bytes.</param>
    /// <param name="start">The offset in the span at which the message starts.</param>
    /// <returns>The length of the message.</returns>
    public int Finish(scoped ReadOnlySpan<byte> beginString, out int start)
    {
        int bodyLength = _position - FixFrame.MaxHeaderLength;
        Span<byte> header = stackalloc byte[FixFrame.MaxHeaderLength + FixText.MaxNumberLength];
        FixFrame.Start[..2].CopyTo(header);
        beginString.CopyTo(header[2..]);
        int length = 2 + beginString.Length;
        header[length++] = FixText.Soh;
        header[length++] = (byte)'9';
        header[length++] = (byte)'=';
        Utf8Formatter.TryFormat(bodyLength, header[length..], out int digits);
        length += digits;
        header[length++] = FixText.Soh;
        start = FixFrame.MaxHeaderLength - length;
        header[..length].CopyTo(_buffer[start..]);

        byte checksum = FixFrame.Sum(_buffer[start.._position]);
        FixFrame.WriteTrailer(_buffer.Slice(_position, FixFrame.TrailerLength), checksum);
        return _position + FixFrame.TrailerLength - start;
    }

    private void WriteTag(int tag)
    {
        WriteDigits(tag);
        _buffer[_position++] = (byte)'=';
    }

    private void WriteDigits(long value)
    {
        if (!Utf8Formatter.TryFormat(value, _buffer[_position..], out int length))
        {
            throw new ArgumentException("The destination is too short for the message.");
        }

        _position += length;
    }

    private void WriteEnd()
    {
        _buffer[_position++] = FixText.Soh;
    }
}
