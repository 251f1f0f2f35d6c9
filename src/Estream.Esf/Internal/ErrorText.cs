using System.Text;

namespace Estream.Esf.Internal;

/// <summary>The text of each <see cref="EsfError"/>: what is wrong and what is expected.</summary>
internal static class ErrorText
{
    private const int MaxQuotedBytes = 64;

    public static string Of(EsfError error, FieldPlan? field, int offset, ReadOnlySpan<byte> input) => error switch
    {
        EsfError.DestinationTooSmall => "the destination is too short for the message",
        EsfError.MalformedJson => "not valid JSON",
        EsfError.TrailingText => "text follows the JSON object",
        EsfError.UnknownMember => $"the schema has no field {QuoteAt(input, offset)}",
        EsfError.DuplicateMember => "the member occurs twice",
        EsfError.MissingField => "required but missing",
        EsfError.WrongType => "expected " + Expected(field?.Type),
        EsfError.NullValue => "null is not a value; omit the member instead",
        EsfError.OutOfRange => "outside the range of " + field?.Type.Name,
        EsfError.NotAnInteger => "expected an integer without fraction or exponent",
        EsfError.TooLong => field?.Type.MaxLength is > 0 and < int.MaxValue ? $"longer than {LongestOf(field.Type)} bytes" : "too long",
        EsfError.InvalidUtf8 => "not valid UTF-8 text",
        EsfError.UnknownEnumValue => "expected one of " + EnumNames(field?.Type),
        EsfError.InvalidHex => "expected pairs of hexadecimal digits",
        EsfError.WrongLength => field?.Type.Kind is null or Schema.EsfTypeKind.Bytes32
            ? "expected exactly 32 bytes, that is 64 hexadecimal digits"
            : $"expected exactly {field.Type.Size} bytes",
        EsfError.InvalidKey => "a key cannot be converted to " + (field?.Type.Key?.Name ?? "its type"),
        EsfError.DuplicateKey => "a key occurs twice",
        EsfError.CaptureMismatch => "the payload and the topic have different values",
        EsfError.InvalidCapture => "the part of the topic is not " + (field is null ? "a value" : "a value of type " + field.Type.Name),
        EsfError.MessageTooLong => $"longer than {Schema.EsfLimits.MaxMessageBytes} bytes",
        EsfError.Truncated => "the message ends inside its fixed block",
        EsfError.WrongSchema => "the message belongs to another schema",
        EsfError.UnsupportedFormat => "this reader does not support the format version of the message; a newer Estream may read it",
        EsfError.BadReference => "a reference points outside its record",
        EsfError.BadSequence => "the items do not fill their region",
        EsfError.BadBool => "a bool is neither 0 nor 1",
        EsfError.IncompatibleVersion =>
            "another version of the schema wrote the message, and no compatible version has a fixed block of this length",
        EsfError.Unsealed => "private, but not sealed: seal the message with EsfSealer before storing it",
        EsfError.Withheld =>
            "private, and its value is withheld: open the message with a key of its audience, and forward sealed messages unchanged",
        EsfError.AlreadySealed => "the message is already sealed",
        EsfError.BadEnvelope => "the envelope of the sealed message is not valid",
        EsfError.BadSeal => "a sealed value or key does not authenticate: it was changed, or sealed for another message or field",
        EsfError.NotACard =>
            "tokenized, but neither a card number (13 to 19 digits with a correct check digit) nor a token of the vault",
        EsfError.Untokenized =>
            "tokenized, but the value is not a token: pass the message through EsfSealer with the vault before storing it",
        EsfError.NoTokenLeft =>
            "tokenized, but the vault has no token left with the first six and the last four digits of this card",
        _ => error.ToString(),
    };

    private static string Expected(ValuePlan? type) => type?.Kind switch
    {
        null => "a JSON object",
        Schema.EsfTypeKind.Bool => "true or false",
        Schema.EsfTypeKind.String => "a string",
        Schema.EsfTypeKind.Enum => "a string, one of " + EnumNames(type),
        Schema.EsfTypeKind.Bytes or Schema.EsfTypeKind.Bytes32 or Schema.EsfTypeKind.PqSignature => "a string of hexadecimal digits",
        Schema.EsfTypeKind.Object or Schema.EsfTypeKind.Map => "a JSON object",
        Schema.EsfTypeKind.Array => "a JSON array",
        _ => "a number",
    };

    private static int LongestOf(ValuePlan type) => type.MaxLength;

    private static string EnumNames(ValuePlan? type)
    {
        const int Shown = 16;
        IReadOnlyList<string> names = type?.Definition.Enumeration?.Values ?? [];
        return string.Join(", ", names.Take(Shown)) + (names.Count > Shown ? ", …" : "");
    }

    /// <summary>Returns the JSON string at an offset, shortened and made printable.</summary>
    private static string QuoteAt(ReadOnlySpan<byte> input, int offset)
    {
        if ((uint)offset >= (uint)input.Length || input[offset] != (byte)'"')
        {
            return "with this name";
        }

        ReadOnlySpan<byte> rest = input[(offset + 1)..];
        int end = rest.IndexOf((byte)'"');
        ReadOnlySpan<byte> name = end < 0 ? rest : rest[..end];
        StringBuilder text = new("'");
        foreach (char c in Encoding.UTF8.GetString(name[..Math.Min(name.Length, MaxQuotedBytes)]))
        {
            text.Append(char.IsControl(c) ? '?' : c);
        }

        return text.Append(name.Length > MaxQuotedBytes ? "…'" : "'").ToString();
    }
}
