using System.Diagnostics.CodeAnalysis;

namespace Estream.Esf.Schema;

/// <summary>
/// A set of versions, parsed from a manifest or an import, or computed from other ranges. Releases and pre-releases are two separate sets
/// of sorted intervals. Therefore a range without explicit pre-releases contains no pre-release, and set operations stay exact. Immutable.
/// </summary>
/// <remarks>
/// <para>
/// <c>^1.2</c> is 1.2.0 or later and before 2.0.0 (the first non-zero number must not change: <c>^0.2.3</c> is before 0.3.0). <c>~1.2.3</c>
/// is before 1.3.0. <c>&gt;=</c> <c>&gt;</c> <c>&lt;=</c> <c>&lt;</c> <c>=</c> have their usual meaning. A complete version without a sign
/// matches only itself, <c>1.2</c> matches every 1.2.x, and <c>*</c> matches every release. Bounds separated by blanks must all hold;
/// <c>||</c> separates alternatives.
/// </para>
/// <para>
/// A range contains a pre-release if the pre-release lies between the bounds, and one of the bounds is a pre-release with the same three
/// numbers: <c>^1.2.0-rc.1</c> contains 1.2.0-rc.2 but not 1.3.0-rc.1. <see cref="WithPreReleases"/> adds all pre-releases between the
/// releases of a range.
/// </para>
/// </remarks>
public sealed class VersionRange : IEquatable<VersionRange>
{
    /// <summary>The maximum length of a range in characters.</summary>
    public const int MaxLength = 256;

    private readonly IntervalSet<SemanticVersion> _releases;
    private readonly IntervalSet<SemanticVersion> _preReleases;
    private readonly string? _text;

    internal VersionRange(IntervalSet<SemanticVersion> releases, IntervalSet<SemanticVersion> preReleases, string? text = null)
    {
        _releases = releases;
        _preReleases = preReleases;
        _text = text;
    }

    /// <summary>All versions, including pre-releases.</summary>
    public static VersionRange All { get; } = new(IntervalSet<SemanticVersion>.Everything, IntervalSet<SemanticVersion>.Everything);

    /// <summary>All releases: <c>*</c>.</summary>
    public static VersionRange AnyRelease { get; } = new(IntervalSet<SemanticVersion>.Everything, IntervalSet<SemanticVersion>.Empty, "*");

    /// <summary>No version.</summary>
    public static VersionRange None { get; } = new(IntervalSet<SemanticVersion>.Empty, IntervalSet<SemanticVersion>.Empty);

    /// <summary>True if the range contains no version.</summary>
    public bool IsEmpty => _releases.IsEmpty && _preReleases.IsEmpty;

    /// <summary>True if the range can contain a pre-release.</summary>
    public bool HasPreReleases => !_preReleases.IsEmpty;

    internal IntervalSet<SemanticVersion> Releases => _releases;

    internal IntervalSet<SemanticVersion> PreReleases => _preReleases;

    /// <summary>Parses a range; returns false and the error if the text is not valid. Never throws.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out VersionRange? range, [NotNullWhen(false)] out ParseFault? fault) =>
        VersionRangeParser.TryParse(text, out range, out fault);

    /// <summary>Parses a range that is known to be valid.</summary>
    /// <exception cref="FormatException">The text is not a valid range.</exception>
    public static VersionRange Parse(string text) =>
        TryParse(text, out VersionRange? range, out ParseFault? fault)
            ? range
            : throw new FormatException($"'{text}' is not a version range: {fault}");

    /// <summary>Returns the range that contains only this version. Build metadata is ignored.</summary>
    public static VersionRange Exactly(SemanticVersion version)
    {
        ThrowIfNull(version, nameof(version));
        return VersionBounds.Of(IntervalSet<SemanticVersion>.Between(version, version.Successor()), [version]);
    }

    /// <summary>Whether the range contains a version. Build metadata is ignored.</summary>
    public bool Contains(SemanticVersion version)
    {
        ThrowIfNull(version, nameof(version));
        return version.IsPreRelease ? _preReleases.Contains(version) : _releases.Contains(version);
    }

    /// <summary>Returns the versions in both ranges.</summary>
    public VersionRange Intersect(VersionRange other)
    {
        ThrowIfNull(other, nameof(other));
        return new VersionRange(_releases.Intersect(other._releases), _preReleases.Intersect(other._preReleases));
    }

    /// <summary>Returns the versions in either range.</summary>
    public VersionRange Union(VersionRange other)
    {
        ThrowIfNull(other, nameof(other));
        return new VersionRange(_releases.Union(other._releases), _preReleases.Union(other._preReleases));
    }

    /// <summary>Returns the versions that are in this range but not in the other range.</summary>
    public VersionRange Except(VersionRange other)
    {
        ThrowIfNull(other, nameof(other));
        return new VersionRange(_releases.Except(other._releases), _preReleases.Except(other._preReleases));
    }

    /// <summary>Returns the versions of <see cref="All"/> that are not in this range.</summary>
    public VersionRange Complement() => new(_releases.Complement(), _preReleases.Complement());

    /// <summary>Whether the other range contains every version of this range.</summary>
    public bool IsSubsetOf(VersionRange other)
    {
        ThrowIfNull(other, nameof(other));
        return _releases.IsSubsetOf(other._releases) && _preReleases.IsSubsetOf(other._preReleases);
    }

    /// <summary>Returns the range with all pre-releases between its releases. Pre-releases of an upper bound are excluded: the result for
    /// <c>^1.2</c> contains 1.3.0-rc.1 but not 2.0.0-rc.1.</summary>
    public VersionRange WithPreReleases() => new(_releases, _preReleases.Union(VersionBounds.PreReleasesBetween(_releases)), _text);

    /// <summary>Whether both ranges contain the same versions, even if the ranges are written differently.</summary>
    public bool Equals(VersionRange? other) =>
        other is not null && _releases.Equals(other._releases) && _preReleases.Equals(other._preReleases);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as VersionRange);

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked((_releases.GetHashCode() * 397) ^ _preReleases.GetHashCode());

    /// <summary>Returns the range as written; a computed range as bounds, for people.</summary>
    public override string ToString() => _text ?? VersionBounds.Describe(this);

    // netstandard2.0, the target framework of the generator, has no ArgumentNullException.ThrowIfNull.
    private static void ThrowIfNull(object? argument, string name)
    {
        if (argument is null)
        {
            throw new ArgumentNullException(name);
        }
    }
}

/// <summary>A syntax error in a short text (a name, a version, a range): position and reason. Immutable.</summary>
/// <param name="Offset">The index of the first invalid character, from 0; the length of the text if something is missing at the
/// end.</param>
/// <param name="Reason">What is wrong and how to correct it, without the position.</param>
public sealed record ParseFault(int Offset, string Reason)
{
    /// <summary>Returns the error for a person: the position, counted from 1, and the reason.</summary>
    public override string ToString() => $"character {Offset + 1}: {Reason}";
}
