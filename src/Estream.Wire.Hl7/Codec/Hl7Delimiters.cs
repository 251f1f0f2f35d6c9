namespace Estream.Wire.Hl7.Codec;

/// <summary>The delimiters of a message, as MSH-1 and MSH-2 define them (HL7 v2, chapter 2, "Message delimiters"). A zero byte stands for a
/// delimiter that the message does not define. Immutable.</summary>
/// <param name="Field">MSH-1, normally <c>|</c>.</param>
/// <param name="Component">First character of MSH-2, normally <c>^</c>.</param>
/// <param name="Repetition">Second character of MSH-2, normally <c>~</c>.</param>
/// <param name="Escape">Third character of MSH-2, normally <c>\</c>; zero if undefined.</param>
/// <param name="SubComponent">Fourth character of MSH-2, normally <c>&amp;</c>; zero if undefined.</param>
/// <param name="Truncation">Fifth character of MSH-2 since version 2.7, normally <c>#</c>; zero if undefined.</param>
public readonly record struct Hl7Delimiters(
    byte Field, byte Component, byte Repetition, byte Escape, byte SubComponent, byte Truncation = 0)
{
    private const int MinEncodingCharacters = 2;
    private const int MaxEncodingCharacters = 5;
    private const byte FirstPrintable = 0x21;
    private const byte LastPrintable = 0x7E;

    /// <summary>The delimiters that nearly all senders use: <c>|^~\&amp;</c>.</summary>
    public static Hl7Delimiters Standard => new((byte)'|', (byte)'^', (byte)'~', (byte)'\\', (byte)'&');

    /// <summary>The length of the name of the header segment with MSH-1 and MSH-2, which contain the delimiters.</summary>
    internal int HeaderBytes => Hl7Segment.NameLength + 1 + MinEncodingCharacters
        + (Escape != 0 ? 1 : 0) + (SubComponent != 0 ? 1 : 0) + (Truncation != 0 ? 1 : 0);

    /// <summary>Reads the delimiters of a header segment (MSH, FHS or BHS). Allocates nothing.</summary>
    /// <param name="header">The segment, beginning with its name.</param>
    /// <param name="delimiters">The delimiters.</param>
    /// <returns>False if a delimiter is missing, repeated, a letter, a digit, or not printable ASCII.</returns>
    public static bool TryRead(ReadOnlySpan<byte> header, out Hl7Delimiters delimiters)
    {
        delimiters = default;
        if (header.Length < Hl7Segment.NameLength + 1 + MinEncodingCharacters)
        {
            return false;
        }

        byte field = header[Hl7Segment.NameLength];
        ReadOnlySpan<byte> encoding = header[(Hl7Segment.NameLength + 1)..];
        int end = encoding.IndexOfAny(field, (byte)'\r', (byte)'\n');
        encoding = end < 0 ? encoding : encoding[..end];
        if (encoding.Length is < MinEncodingCharacters or > MaxEncodingCharacters || !IsDelimiter(field))
        {
            return false;
        }

        for (int i = 0; i < encoding.Length; i++)
        {
            if (!IsDelimiter(encoding[i]) || encoding[..i].Contains(encoding[i]))
            {
                return false;
            }
        }

        delimiters = new Hl7Delimiters(field, encoding[0], encoding[1], At(encoding, 2), At(encoding, 3), At(encoding, 4));
        return true;
    }

    private static byte At(ReadOnlySpan<byte> encoding, int index) => index < encoding.Length ? encoding[index] : (byte)0;

    private static bool IsDelimiter(byte value) =>
        value is >= FirstPrintable and <= LastPrintable && !char.IsAsciiLetterOrDigit((char)value);
}
