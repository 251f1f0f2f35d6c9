using Estream.Wire.Hl7.Codec;

namespace Estream.Wire.Hl7.Translation;

/// <summary>Decides what a raw value of a message is. Senders put free text, which is private, into any component.</summary>
internal static class Hl7Value
{
    private const int MaxCode = 64;
    private const int MaxUnit = 16;

    /// <summary>Whether a component has a value: it is not empty, blank, or <c>""</c>, which deletes the value.</summary>
    public static bool IsPresent(ReadOnlySpan<byte> raw) => !raw.Trim((byte)' ').IsEmpty && !raw.SequenceEqual("\"\""u8);

    /// <summary>Whether a text looks like a code: at most 64 printable ASCII characters without a blank.</summary>
    public static bool IsCode(ReadOnlySpan<byte> text, int maxLength = MaxCode) =>
        !text.IsEmpty && text.Length <= maxLength && !text.ContainsAnyExceptInRange((byte)'!', (byte)'~');

    /// <summary>Whether a text looks like a unit of measurement, such as mmol/L or 10*3/uL.</summary>
    public static bool IsUnit(ReadOnlySpan<byte> text) => IsCode(text, MaxUnit);

    /// <summary>The first of the assigner's namespace, its universal id, and the facility of the sender (MSH-4) that has a value, so that
    /// numbers of different facilities differ.</summary>
    public static ReadOnlySpan<byte> Assigner(in Hl7Message message, ReadOnlySpan<byte> name, ReadOnlySpan<byte> universalId)
    {
        ReadOnlySpan<byte> facility = message.Header[4].Bytes;
        return IsPresent(name) ? name : IsPresent(universalId) ? universalId : IsPresent(facility) ? facility : [];
    }
}
