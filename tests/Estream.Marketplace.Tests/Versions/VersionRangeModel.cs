using System.Diagnostics.CodeAnalysis;
using Estream.Esf.Schema;

namespace Estream.Marketplace.Tests.Versions;

/// <summary>A reference model of <see cref="VersionRange"/>: parses the same grammar into a list of bounds and checks them one by one,
/// without intervals.</summary>
internal sealed class VersionRangeModel
{
    private const int MaxLength = 256;
    private const int NumbersOfVersion = 3;

    private static readonly string[] s_operators = ["^", "~", ">=", "<=", ">", "<", "="];

    private readonly IReadOnlyList<IReadOnlyList<Bound>> _alternatives;
    private VersionRangeModel(IReadOnlyList<IReadOnlyList<Bound>> alternatives) => _alternatives = alternatives;

    private enum Order
    {
        AtLeast,
        Above,
        AtMost,
        Below,
    }

    /// <summary>Parses a range; returns false if the text is not valid.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out VersionRangeModel? range)
    {
        range = null;
        if (text.Length > MaxLength)
        {
            return false;
        }

        List<IReadOnlyList<Bound>> alternatives = [];
        foreach (string alternative in text.Split(["||"], StringSplitOptions.None))
        {
            List<Bound> bounds = [];
            string[] words = alternative.Split([' '], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || !words.All(word => TryAdd(word, bounds)))
            {
                return false;
            }

            alternatives.Add(bounds);
        }

        range = new VersionRangeModel(alternatives);
        return true;
    }

    /// <summary>Returns whether a version is in the range.</summary>
    public bool Contains(SemanticVersion version) => _alternatives.Any(bounds =>
        bounds.All(bound => bound.Holds(version))
        && (!version.IsPreRelease
            || bounds.Any(bound =>
                bound.Version.IsPreRelease
                    && (bound.Version.Major, bound.Version.Minor, bound.Version.Patch) == (version.Major, version.Minor, version.Patch))));

    private static bool TryAdd(string word, List<Bound> bounds)
    {
        string sign = s_operators.FirstOrDefault(candidate => word.StartsWith(candidate, StringComparison.Ordinal)) ?? "";
        if (!TryVersion(word.Substring(sign.Length), out SemanticVersion? version, out int numbers))
        {
            return false;
        }

        switch (sign)
        {
            case ">=":
                bounds.Add(new Bound(Order.AtLeast, version!));
                return true;
            case "<":
                bounds.Add(new Bound(Order.Below, version!));
                return true;
            case ">":
                bounds.Add(numbers < NumbersOfVersion
                    ? new Bound(Order.AtLeast, Next(version!, numbers)!) : new Bound(Order.Above, version!));
                return true;
            case "<=":
                bounds.Add(numbers < NumbersOfVersion
                    ? new Bound(Order.Below, Next(version!, numbers)!) : new Bound(Order.AtMost, version!));
                return true;
            case "^":
                // The first nonzero number determines which versions may break compatibility.
                int kept = version!.Major > 0 || numbers == 1 ? 1 : version.Minor > 0 || numbers == 2 ? 2 : NumbersOfVersion;
                bounds.AddRange([new Bound(Order.AtLeast, version), new Bound(Order.Below, Next(version, kept))]);
                return true;
            case "~":
                bounds.AddRange([new Bound(Order.AtLeast, version!), new Bound(Order.Below, Next(version!, Math.Min(numbers, 2)))]);
                return true;
            default:
                bounds.Add(new Bound(Order.AtLeast, version!));
                bounds.Add(numbers < NumbersOfVersion
                    ? new Bound(Order.Below, Next(version!, numbers)) : new Bound(Order.AtMost, version!));
                return true;
        }
    }

    /// <summary>Returns the first version after all versions that share the first <paramref name="kept"/> numbers.</summary>
    private static SemanticVersion Next(SemanticVersion version, int kept) => kept switch
    {
        1 => SemanticVersion.Parse($"{version.Major + 1}.0.0"),
        2 => SemanticVersion.Parse($"{version.Major}.{version.Minor + 1}.0"),
        _ => SemanticVersion.Parse($"{version.Major}.{version.Minor}.{version.Patch + 1}"),
    };

    /// <summary>Parses a version of one to three numbers; omitted numbers are 0.</summary>
    private static bool TryVersion(string text, out SemanticVersion? version, out int numbers)
    {
        numbers = text.Split('-', '+')[0].Split('.').Length;
        string full = numbers < NumbersOfVersion && text.IndexOf('-') < 0 && text.IndexOf('+') < 0
            ? text + string.Concat(Enumerable.Repeat(".0", NumbersOfVersion - numbers))
            : text;
        return SemanticVersion.TryParse(full, out version, out _);
    }

    private sealed class Bound(Order order, SemanticVersion version)
    {
        public SemanticVersion Version { get; } = version;

        public bool Holds(SemanticVersion candidate)
        {
            int difference = candidate.CompareTo(Version);
            return order switch
            {
                Order.AtLeast => difference >= 0,
                Order.Above => difference > 0,
                Order.AtMost => difference <= 0,
                _ => difference < 0,
            };
        }
    }
}
