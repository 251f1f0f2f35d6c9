using System.Text;
using Estream.Esf.Addressing;
using Estream.Esf.Schema;

namespace Estream.Esf;

/// <summary>
/// The address of messages of a schema: its <c>path</c>, such as <c>/devices/{device_id}/telemetry</c>, with the field names replaced by
/// the values of a message. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// A value is written as a path segment of RFC 3986: bytes of its UTF-8 that are not allowed in a segment are percent-encoded, and so are
/// '*' and a value of one or two dots. Therefore a message has one address, different values have different text, and addresses can be
/// compared by bytes.
/// </remarks>
public sealed class EsfAddress
{
    /// <summary>The maximum length of an address in bytes. A message whose values need more has no address.</summary>
    public const int MaxLength = 1024;

    private readonly Part[] _parts;

    internal EsfAddress(EsfSchema schema, string template)
    {
        Template = template;
        _parts = [.. template[1..].Split('/').Select(segment => Part.Of(schema, segment))];
    }

    /// <summary>The path as written in the schema.</summary>
    public string Template { get; }

    /// <summary>The number of segments, the same for all messages.</summary>
    public int SegmentCount => _parts.Length;

    /// <summary>Writes the address of a message in UTF-8, such as <c>/devices/pump-7/telemetry</c>. Allocates nothing; takes about ten
    /// nanoseconds per field.</summary>
    /// <param name="message">A message of the schema.</param>
    /// <param name="destination">Receives the address; <see cref="MaxLength"/> bytes are always enough.</param>
    /// <param name="written">The number of bytes written; 0 after a failure.</param>
    /// <returns>False if the message is not of the schema, a field is absent or cannot be read, or the address does not fit.</returns>
    public bool TryFormat(ReadOnlySpan<byte> message, Span<byte> destination, out int written)
    {
        destination = destination[..Math.Min(destination.Length, MaxLength)];
        written = 0;
        int length = 0;
        foreach (Part part in _parts)
        {
            if (length == destination.Length)
            {
                return false;
            }

            destination[length++] = (byte)'/';
            if (!part.TryWrite(message, destination[length..], out int bytes))
            {
                return false;
            }

            length += bytes;
        }

        written = length;
        return true;
    }

    /// <summary>Returns the address of a message, or <see langword="null"/> if <see cref="TryFormat"/> returns false. Allocates.</summary>
    public string? ToText(ReadOnlySpan<byte> message)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        return TryFormat(message, text, out int written) ? Encoding.UTF8.GetString(text[..written]) : null;
    }

    /// <summary>Returns the template.</summary>
    public override string ToString() => Template;

    /// <summary>Whether a message can have this segment at the index. At the index of a field, every segment is possible.</summary>
    internal bool CanHave(int index, ReadOnlySpan<byte> segment) => _parts[index].Field is not null || _parts[index].Text.AsSpan()
        .SequenceEqual(segment);

    private readonly record struct Part(byte[] Text, EsfField? Field)
    {
        // Enum value names are the longest text of all types other than string.
        private const int MaxTextBytes = EsfLimits.MaxNameLength;

        public static Part Of(EsfSchema schema, string segment)
        {
            if (segment[0] == '{' && schema.TryGetField(segment[1..^1], out EsfField? field))
            {
                return new Part([], field);
            }

            byte[] plain = Encoding.UTF8.GetBytes(segment);
            byte[] text = new byte[plain.Length * 3];
            AddressText.TryEncode(plain, text, out int written);
            return new Part(text[..written], null);
        }

        public bool TryWrite(ReadOnlySpan<byte> message, Span<byte> destination, out int written)
        {
            if (Field is null)
            {
                written = Text.Length;
                return Text.AsSpan().TryCopyTo(destination);
            }

            written = 0;
            if (Field.Kind == EsfTypeKind.String)
            {
                return Field.TryGetBytes(message, out ReadOnlySpan<byte> value) && AddressText.TryEncode(value, destination, out written);
            }

            Span<byte> text = stackalloc byte[MaxTextBytes];
            return Field.TryFormat(message, text, out int length) && AddressText.TryEncode(text[..length], destination, out written);
        }
    }
}
