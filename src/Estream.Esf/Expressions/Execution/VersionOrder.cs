using System.Buffers.Text;

namespace Estream.Esf.Expressions.Execution;

/// <summary>
/// Compares versions by Semantic Versioning 2.0.0, section 11, on UTF-8 text and without allocation. The order is the same as the order of
/// <see cref="Schema.SemanticVersion"/>; a property test verifies this.
/// </summary>
internal static class VersionOrder
{
    // The number of digits in SemanticVersion.MaxNumber.
    private const int MaxDigits = 9;

    /// <summary>Compares two versions.</summary>
    /// <param name="one">The first version; any bytes.</param>
    /// <param name="other">The second version; any bytes.</param>
    /// <param name="order">Less than 0 if the first version is earlier than the second, greater than 0 if it is later.</param>
    /// <returns>True if both texts are versions.</returns>
    public static bool TryCompare(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other, out int order)
    {
        order = 0;
        if (!TryRead(one, out Version a) || !TryRead(other, out Version b))
        {
            return false;
        }

        order = (a.Major, a.Minor, a.Patch).CompareTo((b.Major, b.Minor, b.Patch));
        if (order == 0)
        {
            order = a.PreRelease.IsEmpty || b.PreRelease.IsEmpty
                ? a.PreRelease.IsEmpty.CompareTo(b.PreRelease.IsEmpty)
                : ComparePreReleases(a.PreRelease, b.PreRelease);
        }

        return true;
    }

    private static bool TryRead(ReadOnlySpan<byte> text, out Version version)
    {
        version = default;
        if (text.Length > Schema.SemanticVersion.MaxLength)
        {
            return false;
        }

        int plus = text.IndexOf((byte)'+');
        ReadOnlySpan<byte> core = plus < 0 ? text : text[..plus];
        int dash = core.IndexOf((byte)'-');
        ReadOnlySpan<byte> numbers = dash < 0 ? core : core[..dash];
        ReadOnlySpan<byte> preRelease = dash < 0 ? default : core[(dash + 1)..];
        if (!TryTakeNumber(ref numbers, out int major) || !TryTakeNumber(ref numbers, out int minor)
            || !TryReadNumber(numbers, out int patch)
            || (dash >= 0 && !AreWords(preRelease, IsPreReleaseWord)) || (plus >= 0 && !AreWords(text[(plus + 1)..], IsWord)))
        {
            return false;
        }

        version = new Version(major, minor, patch, preRelease);
        return true;
    }

    private static bool TryTakeNumber(ref ReadOnlySpan<byte> rest, out int number)
    {
        int dot = rest.IndexOf((byte)'.');
        ReadOnlySpan<byte> digits = dot < 0 ? default : rest[..dot];
        rest = dot < 0 ? default : rest[(dot + 1)..];
        return TryReadNumber(digits, out number);
    }

    private static bool TryReadNumber(ReadOnlySpan<byte> digits, out int number)
    {
        number = 0;
        return IsNumber(digits) && digits.Length is > 0 and <= MaxDigits && (digits[0] != '0' || digits.Length == 1)
            && Utf8Parser.TryParse(digits, out number, out int read) && read == digits.Length;
    }

    private delegate bool WordRule(ReadOnlySpan<byte> word);

    private static bool AreWords(ReadOnlySpan<byte> words, WordRule isGood)
    {
        bool isMore = true;
        while (isMore)
        {
            isMore = TryTakeWord(ref words, out ReadOnlySpan<byte> word);
            if (!isGood(word))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Takes the first identifier.</summary>
    /// <returns>True if another identifier follows.</returns>
    private static bool TryTakeWord(ref ReadOnlySpan<byte> words, out ReadOnlySpan<byte> word)
    {
        int dot = words.IndexOf((byte)'.');
        word = dot < 0 ? words : words[..dot];
        words = dot < 0 ? default : words[(dot + 1)..];
        return dot >= 0;
    }

    private static int ComparePreReleases(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        while (true)
        {
            bool isMoreOfOne = TryTakeWord(ref one, out ReadOnlySpan<byte> a);
            bool isMoreOfOther = TryTakeWord(ref other, out ReadOnlySpan<byte> b);
            int order = CompareWords(a, b);
            if (order != 0 || !isMoreOfOne || !isMoreOfOther)
            {
                return order != 0 ? order : isMoreOfOne.CompareTo(isMoreOfOther);
            }
        }
    }

    // Numeric identifiers come before alphanumeric identifiers. Numeric identifiers have no leading zeros, so comparing length, then
    // digits, compares by value.
    private static int CompareWords(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        bool isNumber = IsNumber(a);
        return isNumber != IsNumber(b) ? isNumber ? -1 : 1
            : isNumber && a.Length != b.Length ? a.Length.CompareTo(b.Length)
            : a.SequenceCompareTo(b);
    }

    private static bool IsNumber(ReadOnlySpan<byte> word) => !word.ContainsAnyExceptInRange((byte)'0', (byte)'9');

    private static bool IsPreReleaseWord(ReadOnlySpan<byte> word) => IsWord(word) && !(word.Length > 1 && word[0] == '0' && IsNumber(word));

    private static bool IsWord(ReadOnlySpan<byte> word)
    {
        foreach (byte b in word)
        {
            if (!char.IsAsciiLetterOrDigit((char)b) && b != '-')
            {
                return false;
            }
        }

        return word.Length > 0;
    }

    private readonly ref struct Version(int major, int minor, int patch, ReadOnlySpan<byte> preRelease)
    {
        public readonly int Major = major;
        public readonly int Minor = minor;
        public readonly int Patch = patch;
        public readonly ReadOnlySpan<byte> PreRelease = preRelease;
    }
}
