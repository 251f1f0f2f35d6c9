namespace Estream.Esf.Schema;

/// <summary>
/// The versions that somebody can use: <c>^1.2</c> (1.2 or later, before 2.0), <c>~1.2.3</c> (1.2.3 or later, before 1.3),
/// <c>&gt;=</c> <c>&gt;</c> <c>&lt;=</c> <c>&lt;</c> <c>=</c> with a version, several with blanks between for all of them, and
/// <c>||</c> for one or the other. A version alone means exactly that one, or with two numbers any patch of it. A
/// pre-release is in a range only when the range names one of the same three numbers. Immutable.
/// </summary>
public sealed class VersionRange
{
    private const int MaxLength = 256;
    private const int NumbersOfVersion = 3;

    private static readonly string[] s_operators = ["^", "~", ">=", "<=", ">", "<", "="];

    private readonly IReadOnlyList<IReadOnlyList<Bound>> _alternatives;
    private readonly string _text;

    private VersionRange(IReadOnlyList<IReadOnlyList<Bound>> alternatives, string text)
    {
        _alternatives = alternatives;
        _text = text;
    }

    private enum Order
    {
        AtLeast,
        Above,
        AtMost,
        Below,
    }

    /// <summary>Reads a range; false where it is none.</summary>
    public static bool TryParse(string text, out VersionRange? range)
    {
        range = null;
        if (text is null || text.Length > MaxLength)
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

        range = new VersionRange(alternatives, text.Trim());
        return true;
    }

    /// <summary>Whether a version is in the range.</summary>
    public bool Contains(SemanticVersion version) => _alternatives.Any(bounds =>
        bounds.All(bound => bound.Holds(version))
        && (!version.IsPreRelease || bounds.Any(bound => bound.Version.IsPreRelease && bound.Version.HasSameNumbers(version))));

    /// <summary>The range as it was written.</summary>
    public override string ToString() => _text;

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
                bounds.Add(numbers < NumbersOfVersion ? new Bound(Order.AtLeast, Next(version!, numbers)!) : new Bound(Order.Above, version!));
                return true;
            case "<=":
                bounds.Add(numbers < NumbersOfVersion ? new Bound(Order.Below, Next(version!, numbers)!) : new Bound(Order.AtMost, version!));
                return true;
            case "^":
                // What may break is told by the first number that is not 0.
                int kept = version!.Major > 0 || numbers == 1 ? 1 : version.Minor > 0 || numbers == 2 ? 2 : NumbersOfVersion;
                bounds.AddRange([new Bound(Order.AtLeast, version), new Bound(Order.Below, Next(version, kept))]);
                return true;
            case "~":
                bounds.AddRange([new Bound(Order.AtLeast, version!), new Bound(Order.Below, Next(version!, Math.Min(numbers, 2)))]);
                return true;
            default:
                bounds.Add(new Bound(Order.AtLeast, version!));
                bounds.Add(numbers < NumbersOfVersion ? new Bound(Order.Below, Next(version!, numbers)) : new Bound(Order.AtMost, version!));
                return true;
        }
    }

    /// <summary>The first version beyond all that share the first one, two or three numbers.</summary>
    private static SemanticVersion Next(SemanticVersion version, int kept) => kept switch
    {
        1 => SemanticVersion.Of(version.Major + 1, 0, 0),
        2 => SemanticVersion.Of(version.Major, version.Minor + 1, 0),
        _ => SemanticVersion.Of(version.Major, version.Minor, version.Patch + 1),
    };

    /// <summary>A version of one to three numbers; those left out are 0. Numbers are small enough to be counted up.</summary>
    private static bool TryVersion(string text, out SemanticVersion? version, out int numbers)
    {
        const int MaxNumber = 1_000_000_000;
        numbers = text.Split('-', '+')[0].Split('.').Length;
        string full = numbers < NumbersOfVersion && text.IndexOf('-') < 0 && text.IndexOf('+') < 0
            ? text + string.Concat(Enumerable.Repeat(".0", NumbersOfVersion - numbers))
            : text;
        return SemanticVersion.TryParse(full, out version)
            && version!.Major < MaxNumber && version.Minor < MaxNumber && version.Patch < MaxNumber;
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
