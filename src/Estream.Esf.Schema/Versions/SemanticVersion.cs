using System.Diagnostics.CodeAnalysis;

namespace Estream.Esf.Schema;

/// <summary>
/// A version as defined by Semantic Versioning 2.0.0. Ordering follows the standard, which ignores build metadata. Equality includes build
/// metadata, because two builds of a version are different. Immutable.
/// </summary>
public sealed class SemanticVersion : IEquatable<SemanticVersion>, IComparable<SemanticVersion>
{
    /// <summary>The maximum length of a version in characters.</summary>
    public const int MaxLength = 128;

    /// <summary>The maximum of each of the three numbers, low enough that each can be incremented.</summary>
    public const int MaxNumber = 999_999_999;

    private readonly string[] _preRelease;
    private readonly string _text;

    internal SemanticVersion(int major, int minor, int patch, string[] preRelease, string build, string text)
    {
        Major = major;
        Minor = minor;
        Patch = patch;
        _preRelease = preRelease;
        Build = build;
        _text = text;
    }

    /// <summary>The first number. A version with another first number may break users of the component or the pack.</summary>
    public int Major { get; }

    /// <summary>The second number.</summary>
    public int Minor { get; }

    /// <summary>The third number.</summary>
    public int Patch { get; }

    /// <summary>True for a version such as 1.0.0-rc.1, which comes before 1.0.0.</summary>
    public bool IsPreRelease => _preRelease.Length > 0;

    /// <summary>The dot-separated identifiers of the pre-release; none for a release.</summary>
    public IReadOnlyList<string> PreRelease => _preRelease;

    /// <summary>The build metadata after the <c>+</c>; empty if there is none.</summary>
    public string Build { get; }

    /// <summary>Parses a version with three numbers; returns false and the error if the text is not valid. Never throws.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out SemanticVersion? version, [NotNullWhen(false)] out ParseFault? fault)
    {
        version = null;
        if (text is null || text.Length > MaxLength)
        {
            fault = text is null
                ? new ParseFault(0, "a version is missing")
                : new ParseFault(MaxLength, $"a version has at most {MaxLength} characters");
            return false;
        }

        VersionCursor cursor = new(text);
        version = cursor.ReadVersion(out int numberCount);
        if (version is not null && (numberCount < 3 || !cursor.IsAtEnd))
        {
            cursor.Fail(numberCount < 3 ? "a version has three numbers, as in 1.0.0" : "unexpected text after the version");
            version = null;
        }

        fault = cursor.Fault;
        return version is not null;
    }

    /// <summary>Parses a version that is known to be valid.</summary>
    /// <exception cref="FormatException">The text is not a valid version.</exception>
    public static SemanticVersion Parse(string text) =>
        TryParse(text, out SemanticVersion? version, out ParseFault? fault)
            ? version
            : throw new FormatException($"'{text}' is not a version: {fault}");

    /// <summary>
    /// Compares versions by the precedence of the standard: less than 0 if this version is earlier than the other. Returns 0 for versions
    /// that differ only in build metadata, although they are not <see cref="Equals(SemanticVersion?)">equal</see>.
    /// </summary>
    public int CompareTo(SemanticVersion? other)
    {
        if (other is null)
        {
            return 1;
        }

        int numbers = CompareNumbers(other);
        if (numbers != 0 || _preRelease.Length == 0 || other._preRelease.Length == 0)
        {
            return numbers != 0 ? numbers : other.IsPreRelease.CompareTo(IsPreRelease);
        }

        for (int i = 0; i < Math.Min(_preRelease.Length, other._preRelease.Length); i++)
        {
            int word = CompareWords(_preRelease[i], other._preRelease[i]);
            if (word != 0)
            {
                return word;
            }
        }

        return _preRelease.Length.CompareTo(other._preRelease.Length);
    }

    /// <summary>Whether both are the same version with the same build metadata.</summary>
    public bool Equals(SemanticVersion? other) => other is not null && _text == other._text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SemanticVersion);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(_text);

    /// <summary>Returns the version as written, with its build metadata.</summary>
    public override string ToString() => _text;

    /// <summary>Whether both are the same version with the same build metadata.</summary>
    public static bool operator ==(SemanticVersion? left, SemanticVersion? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether the versions differ, even if only in build metadata.</summary>
    public static bool operator !=(SemanticVersion? left, SemanticVersion? right) => !(left == right);

    /// <summary>Whether the left version is earlier than the right one.</summary>
    public static bool operator <(SemanticVersion? left, SemanticVersion? right) => Compare(left, right) < 0;

    /// <summary>Whether the left version is not later than the right one.</summary>
    public static bool operator <=(SemanticVersion? left, SemanticVersion? right) => Compare(left, right) <= 0;

    /// <summary>Whether the left version is later than the right one.</summary>
    public static bool operator >(SemanticVersion? left, SemanticVersion? right) => Compare(left, right) > 0;

    /// <summary>Whether the left version is not earlier than the right one.</summary>
    public static bool operator >=(SemanticVersion? left, SemanticVersion? right) => Compare(left, right) >= 0;

    /// <summary>Returns the release with three numbers, each at most <see cref="MaxNumber"/> plus one.</summary>
    internal static SemanticVersion Release(int major, int minor, int patch) =>
        new(major, minor, patch, [], "", $"{major}.{minor}.{patch}");

    /// <summary>Returns the release with the same three numbers.</summary>
    internal SemanticVersion ToRelease() => IsPreRelease || Build.Length > 0 ? Release(Major, Minor, Patch) : this;

    /// <summary>Returns the lowest pre-release of these three numbers, <c>1.2.3-0</c>. It is used for bounds only.</summary>
    internal SemanticVersion LowestPreRelease() =>
        new(Major, Minor, Patch, ["0"], "", $"{Major}.{Minor}.{Patch}-0");

    /// <summary>
    /// Returns the version that follows immediately in the order: after 1.2.3-a comes 1.2.3-a.0, after 1.2.3 comes 1.2.4-0. With
    /// successors, every upper bound can be exclusive and every lower bound inclusive.
    /// </summary>
    internal SemanticVersion Successor() => IsPreRelease
        ? new SemanticVersion(Major, Minor, Patch, [.. _preRelease, "0"], "", $"{Major}.{Minor}.{Patch}-{string.Join(".", _preRelease)}.0")
        : Release(Major, Minor, Patch + 1).LowestPreRelease();

    private static int Compare(SemanticVersion? left, SemanticVersion? right) => left is null
        ? (right is null ? 0 : -1)
        : left.CompareTo(right);

    private int CompareNumbers(SemanticVersion other)
    {
        int major = Major.CompareTo(other.Major);
        int minor = major != 0 ? major : Minor.CompareTo(other.Minor);
        return minor != 0 ? minor : Patch.CompareTo(other.Patch);
    }

    /// <summary>Compares identifiers. Numeric identifiers come before alphanumeric identifiers. They have no leading zeros, so comparing by
    /// length, then by digits, compares their values.</summary>
    private static int CompareWords(string a, string b)
    {
        bool isNumber = VersionCursor.IsNumber(a);
        if (isNumber != VersionCursor.IsNumber(b))
        {
            return isNumber ? -1 : 1;
        }

        return isNumber && a.Length != b.Length ? a.Length.CompareTo(b.Length) : string.CompareOrdinal(a, b);
    }
}
