using System.Buffers;

namespace Estream.Wire.Fhir.Codec;

/// <summary>Checks the text of primitive types (FHIR R4, 2.24.0.1). All methods allocate nothing, never throw and are
/// thread-safe.</summary>
public static class FhirPrimitives
{
    private const int MaxIdLength = 64;

    private static readonly SearchValues<byte> s_idBytes =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-."u8);

    private static readonly SearchValues<byte> s_uriExcluded = SearchValues.Create(" \t\r\n<>\"\\"u8);

    private static readonly SearchValues<byte> s_controls =
        SearchValues.Create([.. Enumerable.Range(0, ' ').Select(code => (byte)code).Except("\t\r\n"u8.ToArray())]);

    /// <summary>Whether a text is an id: 1 to 64 letters, digits, '-' and '.'.</summary>
    public static bool IsId(ReadOnlySpan<byte> text) => text.Length is > 0 and <= MaxIdLength && !text.ContainsAnyExcept(s_idBytes);

    /// <summary>Whether a text is a code: no white space at either end, and single spaces inside.</summary>
    public static bool IsCode(ReadOnlySpan<byte> text)
    {
        // Most codes have no blank.
        if (!text.ContainsAnyInRange((byte)0, (byte)' '))
        {
            return !text.IsEmpty;
        }

        if (text[0] <= (byte)' ' || text[^1] <= (byte)' ')
        {
            return false;
        }

        for (int i = 1; i < text.Length; i++)
        {
            if (text[i] < (byte)' ' || (text[i] == (byte)' ' && text[i - 1] == (byte)' '))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a text is a URI, as far as a structural check can tell: not empty, and no white space.</summary>
    public static bool IsUri(ReadOnlySpan<byte> text) => !text.IsEmpty && text.IndexOfAny(s_uriExcluded) < 0;

    /// <summary>Whether a text is a string: not empty, not only white space, and no control character other than tab, CR and LF.</summary>
    public static bool IsString(ReadOnlySpan<byte> text) =>
        text.ContainsAnyExceptInRange((byte)0, (byte)' ') && !text.ContainsAny(s_controls);

    /// <summary>Whether a text is a date: a year, a month or a day that exists.</summary>
    public static bool IsDate(ReadOnlySpan<byte> text) => FhirTime.TryReadDate(text, out _, out _, out _, out int length)
        && length == text.Length;

    /// <summary>Whether a text is a dateTime: a date, or a date with a time and an offset.</summary>
    public static bool IsDateTime(ReadOnlySpan<byte> text) => FhirTime.TryReadRange(text, out _, out _);

    /// <summary>Whether a text is an instant: a dateTime with at least seconds.</summary>
    public static bool IsInstant(ReadOnlySpan<byte> text) => FhirTime.TryReadInstant(text, out _);

    /// <summary>Whether a text is a time of day with seconds and without an offset.</summary>
    public static bool IsTime(ReadOnlySpan<byte> text) => FhirTime.TryReadTimeOfDay(text, out _, out int length) && length == text.Length;
}
