using System.Globalization;

namespace Estream.Esf.Schema;

/// <summary>A version after Semantic Versioning 2.0.0. Build metadata is read and has no part in the order. Immutable.</summary>
public sealed class SemanticVersion
{
    private const int MaxLength = 128;

    private readonly IReadOnlyList<string> _preRelease;
    private readonly string _text;

    private SemanticVersion(int major, int minor, int patch, IReadOnlyList<string> preRelease, string text)
    {
        Major = major;
        Minor = minor;
        Patch = patch;
        _preRelease = preRelease;
        _text = text;
    }

    /// <summary>The first number: a change of it may break those who use the pack.</summary>
    public int Major { get; }

    /// <summary>The second number.</summary>
    public int Minor { get; }

    /// <summary>The third number.</summary>
    public int Patch { get; }

    /// <summary>True for a version such as 1.0.0-rc.1, which comes before 1.0.0.</summary>
    public bool IsPreRelease => _preRelease.Count > 0;

    /// <summary>A version that is no pre-release.</summary>
    internal static SemanticVersion Of(int major, int minor, int patch) => new(major, minor, patch, [], $"{major}.{minor}.{patch}");

    /// <summary>Reads a version of three numbers; false where it is none.</summary>
    public static bool TryParse(string text, out SemanticVersion? version)
    {
        version = null;
        if (text is null || text.Length > MaxLength)
        {
            return false;
        }

        int plus = text.IndexOf('+');
        string core = plus < 0 ? text : text.Substring(0, plus);
        int dash = core.IndexOf('-');
        string[] numbers = (dash < 0 ? core : core.Substring(0, dash)).Split('.');
        string[] preRelease = dash < 0 ? [] : core.Substring(dash + 1).Split('.');
        bool good = numbers.Length == 3
            & TryNumber(numbers[0], out int major)
            & TryNumber(numbers.Length > 1 ? numbers[1] : "", out int minor)
            & TryNumber(numbers.Length > 2 ? numbers[2] : "", out int patch);
        if (!good || !preRelease.All(IsPreReleaseWord) || (plus >= 0 && !text.Substring(plus + 1).Split('.').All(IsWord)))
        {
            return false;
        }

        version = new SemanticVersion(major, minor, patch, preRelease, text);
        return true;
    }

    /// <summary>A number of a version: decimal digits without a leading zero.</summary>
    internal static bool TryNumber(string text, out int number)
    {
        bool good = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        return good && (text[0] != '0' || text.Length == 1);
    }

    /// <summary>Whether both have the same three numbers.</summary>
    internal bool HasSameNumbers(SemanticVersion other) => (Major, Minor, Patch) == (other.Major, other.Minor, other.Patch);

    /// <summary>Below 0 where this comes before the other, above 0 where it comes behind, 0 where neither.</summary>
    public int CompareTo(SemanticVersion? other)
    {
        if (other is null)
        {
            return 1;
        }

        int numbers = (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));
        if (numbers != 0 || !IsPreRelease || !other.IsPreRelease)
        {
            return numbers != 0 ? numbers : other.IsPreRelease.CompareTo(IsPreRelease);
        }

        for (int i = 0; i < Math.Min(_preRelease.Count, other._preRelease.Count); i++)
        {
            int word = CompareWords(_preRelease[i], other._preRelease[i]);
            if (word != 0)
            {
                return word;
            }
        }

        return _preRelease.Count.CompareTo(other._preRelease.Count);
    }

    /// <summary>The version as it was written.</summary>
    public override string ToString() => _text;

    /// <summary>Numbers come before words, and by their value: as long digits without leading zeros compare by length, then by digit.</summary>
    private static int CompareWords(string a, string b)
    {
        bool isNumber = IsNumber(a);
        if (isNumber != IsNumber(b))
        {
            return isNumber ? -1 : 1;
        }

        return isNumber && a.Length != b.Length ? a.Length.CompareTo(b.Length) : string.CompareOrdinal(a, b);
    }

    private static bool IsNumber(string word) => word.All(c => c is >= '0' and <= '9');

    private static bool IsPreReleaseWord(string word) => IsWord(word) && !(word.Length > 1 && word[0] == '0' && IsNumber(word));

    private static bool IsWord(string word) =>
        word.Length > 0 && word.All(c => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '-');
}
