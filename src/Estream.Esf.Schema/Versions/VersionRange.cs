using System.Diagnostics.CodeAnalysis;

namespace Estream.Esf.Schema;

/// <summary>
/// A set of versions, as it is written in a manifest or an import, or computed from such: releases and pre-releases are two sets of sorted
/// intervals, so that a range which does not ask for pre-releases has none and the algebra of sets still holds exactly. Immutable.
/// </summary>
/// <remarks>
/// <para>
/// <c>^1.2</c> is 1.2.0 or later and before 2.0.0 (the first number that is not 0 is kept: <c>^0.2.3</c> is before 0.3.0), <c>~1.2.3</c>
/// is before 1.3.0, <c>&gt;=</c> <c>&gt;</c> <c>&lt;=</c> <c>&lt;</c> <c>=</c> are what they say, a version alone is exactly that one and
/// <c>1.2</c> any patch of it, <c>*</c> is every release. Several with blanks between hold all together, <c>||</c> is one or the other.
/// </para>
/// <para>
/// A pre-release is in a range when the range holds it by order and names a pre-release of the same three numbers beside it:
/// <c>^1.2.0-rc.1</c> has 1.2.0-rc.2 and not 1.3.0-rc.1. <see cref="WithPreReleases"/> asks for all of them.
/// </para>
/// </remarks>
public sealed class VersionRange : IEquatable<VersionRange>
{
    /// <summary>Most characters of a range.</summary>
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

    /// <summary>Every version there can be, pre-releases too.</summary>
    public static VersionRange All { get; } = new(IntervalSet<SemanticVersion>.Everything, IntervalSet<SemanticVersion>.Everything);

    /// <summary>Every release: <c>*</c>.</summary>
    public static VersionRange AnyRelease { get; } = new(IntervalSet<SemanticVersion>.Everything, IntervalSet<SemanticVersion>.Empty, "*");

    /// <summary>No version.</summary>
    public static VersionRange None { get; } = new(IntervalSet<SemanticVersion>.Empty, IntervalSet<SemanticVersion>.Empty);

    /// <summary>True when no version is in it.</summary>
    public bool IsEmpty => _releases.IsEmpty && _preReleases.IsEmpty;

    /// <summary>True when a pre-release can be in it.</summary>
    public bool HasPreReleases => !_preReleases.IsEmpty;

    internal IntervalSet<SemanticVersion> Releases => _releases;

    internal IntervalSet<SemanticVersion> PreReleases => _preReleases;

    /// <summary>Reads a range; false, with the fault, where it is none. Never throws.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out VersionRange? range, [NotNullWhen(false)] out ParseFault? fault) =>
        VersionRangeParser.TryParse(text, out range, out fault);

    /// <summary>Reads a range that is known to be one.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static VersionRange Parse(string text) =>
        TryParse(text, out VersionRange? range, out ParseFault? fault)
            ? range
            : throw new FormatException($"'{text}' is no version range: {fault}");

    /// <summary>The range of one version, whatever its build.</summary>
    public static VersionRange Exactly(SemanticVersion version)
    {
        ThrowIfNull(version, nameof(version));
        return VersionBounds.Of(IntervalSet<SemanticVersion>.Between(version, version.Successor()), [version]);
    }

    /// <summary>Whether a version is in the range. Its build has no part in it.</summary>
    public bool Contains(SemanticVersion version)
    {
        ThrowIfNull(version, nameof(version));
        return version.IsPreRelease ? _preReleases.Contains(version) : _releases.Contains(version);
    }

    /// <summary>What is in both.</summary>
    public VersionRange Intersect(VersionRange other)
    {
        ThrowIfNull(other, nameof(other));
        return new VersionRange(_releases.Intersect(other._releases), _preReleases.Intersect(other._preReleases));
    }

    /// <summary>What is in one of them or both.</summary>
    public VersionRange Union(VersionRange other)
    {
        ThrowIfNull(other, nameof(other));
        return new VersionRange(_releases.Union(other._releases), _preReleases.Union(other._preReleases));
    }

    /// <summary>What is in this one and not in the other.</summary>
    public VersionRange Except(VersionRange other)
    {
        ThrowIfNull(other, nameof(other));
        return new VersionRange(_releases.Except(other._releases), _preReleases.Except(other._preReleases));
    }

    /// <summary>Every version that is not in it, of <see cref="All"/>.</summary>
    public VersionRange Complement() => new(_releases.Complement(), _preReleases.Complement());

    /// <summary>Whether all that is in this one is in the other.</summary>
    public bool IsSubsetOf(VersionRange other)
    {
        ThrowIfNull(other, nameof(other));
        return _releases.IsSubsetOf(other._releases) && _preReleases.IsSubsetOf(other._preReleases);
    }

    /// <summary>The range with every pre-release between its releases too; those of an upper bound itself stay out: <c>^1.2</c> gets
    /// 1.3.0-rc.1 and not 2.0.0-rc.1.</summary>
    public VersionRange WithPreReleases() => new(_releases, _preReleases.Union(VersionBounds.PreReleasesBetween(_releases)), _text);

    /// <summary>Whether both hold the same versions, however they are written.</summary>
    public bool Equals(VersionRange? other) =>
        other is not null && _releases.Equals(other._releases) && _preReleases.Equals(other._preReleases);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as VersionRange);

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked((_releases.GetHashCode() * 397) ^ _preReleases.GetHashCode());

    /// <summary>The range as it was written; a computed one as bounds, for people.</summary>
    public override string ToString() => _text ?? VersionBounds.Describe(this);

    // netstandard2.0, the framework of the generator, has no ArgumentNullException.ThrowIfNull.
    private static void ThrowIfNull(object? argument, string name)
    {
        if (argument is null)
        {
            throw new ArgumentNullException(name);
        }
    }
}

/// <summary>Where a short text (a name, a version, a range) stops being one, and why. Immutable.</summary>
/// <param name="Offset">The first character that does not fit, counted from 0; the length of the text where something is missing at its
/// end.</param>
/// <param name="Reason">What is wrong and how it is put right, without the place.</param>
public sealed record ParseFault(int Offset, string Reason)
{
    /// <summary>The fault for a person: the place counted from 1, and the reason.</summary>
    public override string ToString() => $"character {Offset + 1}: {Reason}";
}
