using System.Buffers;

namespace Estream.Wire.Fhir.Codec;

/// <summary>Reads literal references (FHIR R4, 2.3.0.1). Allocates nothing, never throws, thread-safe.</summary>
internal static class FhirReference
{
    private const int MaxTypeLength = 64;

    private static readonly SearchValues<byte> s_letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>Reads <c>Patient/23</c> or <c>Patient/23/_history/2</c>.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="type">The resource type.</param>
    /// <param name="id">The logical id.</param>
    /// <returns>False for a URL, a fragment, and any other text.</returns>
    public static bool TryParseRelative(ReadOnlySpan<byte> reference, out ReadOnlySpan<byte> type, out ReadOnlySpan<byte> id)
    {
        id = default;
        int slash = reference.IndexOf((byte)'/');
        type = slash < 0 ? default : reference[..slash];
        if (type.IsEmpty || !IsType(type))
        {
            return false;
        }

        ReadOnlySpan<byte> rest = reference[(slash + 1)..];
        int end = rest.IndexOf("/_history/"u8);
        id = end < 0 ? rest : rest[..end];
        return FhirPrimitives.IsId(id) && (end < 0 || FhirPrimitives.IsId(rest[(end + "/_history/"u8.Length)..]));
    }

    /// <summary>Whether a text is a conditional reference (FHIR R4, 3.1.0.11.2), as in <c>Patient?identifier=12</c>.</summary>
    public static bool IsConditional(ReadOnlySpan<byte> reference)
    {
        int question = reference.IndexOf((byte)'?');
        return question > 0 && IsType(reference[..question]);
    }

    /// <summary>Whether a text can be the name of a resource type.</summary>
    public static bool IsType(ReadOnlySpan<byte> text) =>
        text.Length is > 0 and <= MaxTypeLength && char.IsAsciiLetterUpper((char)text[0]) && !text.ContainsAnyExcept(s_letters);
}
