using System.Buffers;

namespace Estream.Wire.Fhir.Codec;

/// <summary>Whether a code has the form of the codes of a terminology.</summary>
/// <param name="code">The code; not empty.</param>
internal delegate bool CodeForm(ReadOnlySpan<byte> code);

/// <summary>The forms of codes. A text of another form can be free text. Thread-safe, allocates nothing.</summary>
internal static class CodeForms
{
    private static readonly SearchValues<byte> s_upper = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"u8);
    private static readonly SearchValues<byte> s_lower = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-"u8);
    private static readonly SearchValues<byte> s_numbers = SearchValues.Create("0123456789.-"u8);
    private static readonly SearchValues<byte> s_samples = SearchValues.Create("0123456789.-+EUL "u8);

    private static readonly string[] s_atc = ["A", "A99", "A99A", "A99AA", "A99AA99"];
    private static readonly string[] s_languages = ["aa", "aaa", "aa-AA", "aaa-AA", "aa-999", "aa-Aaaa", "aa-Aaaa-AA"];
    private static readonly string[] s_countries = ["AA", "AAA", "999", "AA-*", "AA-**", "AA-***"];

    public static bool IsNumber(ReadOnlySpan<byte> code) => IsDigits(code, 1, 18);

    public static bool IsLoinc(ReadOnlySpan<byte> code)
    {
        bool isPart = code.StartsWith("LP"u8) || code.StartsWith("LA"u8) || code.StartsWith("LL"u8) || code.StartsWith("LG"u8);
        code = isPart ? code[2..] : code;
        return code.Length > 2 && code[^2] == (byte)'-' && IsDigits(code[^1..], 1, 1) && IsDigits(code[..^2], 1, 8);
    }

    public static bool IsIcd10(ReadOnlySpan<byte> code) => code.Length >= 3 && Has(code[..3], "A9*") && HasSubdivision(code[3..], 4);

    public static bool IsIcd9(ReadOnlySpan<byte> code)
    {
        code = code[0] is (byte)'E' or (byte)'V' ? code[1..] : code;
        int dot = code.IndexOf((byte)'.');
        return dot < 0 ? IsDigits(code, 2, 4) : IsDigits(code[..dot], 2, 4) && IsDigits(code[(dot + 1)..], 1, 2);
    }

    /// <summary>A stem code, or stem codes and extension codes, which begin with X, separated by '&amp;' or '/'.</summary>
    public static bool IsIcd11(ReadOnlySpan<byte> code)
    {
        while (true)
        {
            int end = code.IndexOfAny((byte)'&', (byte)'/');
            ReadOnlySpan<byte> one = end < 0 ? code : code[..end];
            bool isExtension = one.Length is 4 or 5 && one[0] == (byte)'X' && (Has(one, "AA9*") || Has(one, "AA9**"));
            if (!isExtension && (one.Length < 4 || !Has(one[..4], "*A9*") || !HasSubdivision(one[4..], 2)))
            {
                return false;
            }

            if (end < 0)
            {
                return true;
            }

            code = code[(end + 1)..];
        }
    }

    public static bool IsNdc(ReadOnlySpan<byte> code) =>
        code.Length is >= 4 and <= 13 && !code.ContainsAnyExcept(s_numbers) && !code.Contains((byte)'.');

    public static bool IsAtc(ReadOnlySpan<byte> code) => HasOne(code, s_atc);

    public static bool IsCpt(ReadOnlySpan<byte> code) => Has(code, "9999*");

    public static bool IsDicom(ReadOnlySpan<byte> code) => IsDigits(code, 5, 6) || Has(code, "AA");

    public static bool IsLanguage(ReadOnlySpan<byte> code) => HasOne(code, s_languages);

    public static bool IsCountry(ReadOnlySpan<byte> code) => HasOne(code, s_countries);

    public static bool IsCurrency(ReadOnlySpan<byte> code) => Has(code, "AAA");

    /// <summary>The codes of HL7 and FHIR are words or abbreviations in one case. The name of a person has both cases.</summary>
    public static bool IsHl7(ReadOnlySpan<byte> code) =>
        (code.Length <= 24 && !code.ContainsAnyExcept(s_upper)) || (code.Length <= 40 && !code.ContainsAnyExcept(s_lower));

    /// <summary>A number or a date, or the URI of a version of SNOMED CT.</summary>
    public static bool IsVersion(ReadOnlySpan<byte> version)
    {
        ReadOnlySpan<byte> root = "http://snomed.info/sct/"u8;
        if (!version.StartsWith(root))
        {
            return version.Length is > 0 and <= 24 && !version.ContainsAnyExcept(s_numbers);
        }

        version = version[root.Length..];
        int slash = version.IndexOf("/version/"u8);
        return slash < 0 ? IsNumber(version) : IsNumber(version[..slash]) && IsDigits(version[(slash + "/version/"u8.Length)..], 8, 8);
    }

    /// <summary>The data of a SampledData: decimals and E, U and L, separated by blanks (FHIR R4, 2.24.0.10).</summary>
    public static bool IsSamples(ReadOnlySpan<byte> data)
    {
        if (data.ContainsAnyExcept(s_samples))
        {
            return false;
        }

        for (int i = 1; i < data.Length; i++)
        {
            if (char.IsAsciiLetter((char)data[i]) && char.IsAsciiLetter((char)data[i - 1]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsDigits(ReadOnlySpan<byte> text, int min, int max) =>
        text.Length >= min && text.Length <= max && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');

    private static bool HasSubdivision(ReadOnlySpan<byte> text, int max) => text.IsEmpty
        || (text[0] == (byte)'.' && text.Length > 1 && text.Length <= max + 1 && !text[1..].ContainsAnyExcept(s_upper)
            && !text.Contains((byte)'_'));

    private static bool HasOne(ReadOnlySpan<byte> text, string[] masks)
    {
        foreach (string mask in masks)
        {
            if (Has(text, mask))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Compares a text with a mask: 9 is a digit, A a capital, a another letter, * a digit or a capital.</summary>
    private static bool Has(ReadOnlySpan<byte> text, string mask)
    {
        for (int i = 0; i < text.Length && text.Length == mask.Length; i++)
        {
            char letter = (char)text[i];
            bool isRight = mask[i] switch
            {
                '9' => char.IsAsciiDigit(letter),
                'A' => char.IsAsciiLetterUpper(letter),
                'a' => char.IsAsciiLetterLower(letter),
                '*' => char.IsAsciiDigit(letter) || char.IsAsciiLetterUpper(letter),
                _ => letter == mask[i],
            };
            if (!isRight)
            {
                return false;
            }
        }

        return text.Length == mask.Length;
    }
}
