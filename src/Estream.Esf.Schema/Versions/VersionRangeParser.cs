using System.Diagnostics.CodeAnalysis;

namespace Estream.Esf.Schema;

/// <summary>Parses version ranges. Never throws.</summary>
internal static class VersionRangeParser
{
    // Longer signs come first, so that >= is not read as > followed by =.
    private static readonly string[] s_signs = ["^", "~", ">=", "<=", ">", "<", "="];

    public static bool TryParse(string? text, [NotNullWhen(true)] out VersionRange? range, [NotNullWhen(false)] out ParseFault? fault)
    {
        range = null;
        if (text is null || text.Length > VersionRange.MaxLength)
        {
            fault = text is null
                ? new ParseFault(0, "a version range is missing: write * for any release")
                : new ParseFault(VersionRange.MaxLength, $"a version range has at most {VersionRange.MaxLength} characters");
            return false;
        }

        VersionCursor cursor = new(text);
        VersionRange union = VersionRange.None;
        do
        {
            cursor.SkipBlanks();
            union = ReadAlternative(cursor) is VersionRange alternative ? union.Union(alternative) : union;
        }
        while (cursor.Fault is null && cursor.TrySkip("||"));
        if (!cursor.IsAtEnd)
        {
            cursor.Fail("a bound must be followed by a space and another bound, or by ||");
        }
        else if (union.IsEmpty)
        {
            cursor.Fail("no version satisfies all bounds of this range");
        }

        fault = cursor.Fault;
        range = fault is null ? new VersionRange(union.Releases, union.PreReleases, text.Trim(' ')) : null;
        return fault is null;
    }

    /// <summary>Reads bounds separated by blanks, which must all hold; stops before || or anything else.</summary>
    private static VersionRange? ReadAlternative(VersionCursor cursor)
    {
        IntervalSet<SemanticVersion> interval = IntervalSet<SemanticVersion>.Everything;
        List<SemanticVersion> named = [];
        if (cursor.TrySkip("*"))
        {
            cursor.SkipBlanks();
            return VersionRange.AnyRelease;
        }

        do
        {
            if (ReadBound(cursor, named) is not IntervalSet<SemanticVersion> bound)
            {
                return null;
            }

            interval = interval.Intersect(bound);
        }
        while (cursor.SkipBlanks() && !cursor.IsAtEnd && cursor.Next != '|');
        return VersionBounds.Of(interval, named);
    }

    private static IntervalSet<SemanticVersion>? ReadBound(VersionCursor cursor, List<SemanticVersion> named)
    {
        string sign = s_signs.FirstOrDefault(cursor.TrySkip) ?? "";
        if (cursor.Next is '*' or 'x' or 'X')
        {
            cursor.Fail("* cannot be combined with numbers: for any patch of 1.2 write 1.2, for any release *");
        }
        else if (cursor.Next is ' ' or '\0' or '|')
        {
            cursor.Fail(sign.Length > 0
                ? $"a version is expected immediately after {sign}" : "a version range is missing here: write * for any release");
        }
        else if (cursor.Next == '-')
        {
            cursor.Fail("hyphen ranges are not supported: for 1.2.0 to 2.0.0 write >=1.2.0 <=2.0.0");
        }
        else if (cursor.ReadVersion(out int numberCount) is SemanticVersion version)
        {
            if (version.Build.Length > 0)
            {
                cursor.Fail("a range cannot have build metadata, because it does not affect the order: remove the + and the text after it");
                return null;
            }

            if (cursor.Next == '.')
            {
                cursor.Fail("a version has at most three numbers; for any patch of 1.2 write 1.2");
                return null;
            }

            named.Add(version);
            return BoundOf(sign, version, numberCount);
        }

        return null;
    }

    private static IntervalSet<SemanticVersion> BoundOf(string sign, SemanticVersion version, int numberCount)
    {
        // The first version after all versions that start with the written numbers.
        SemanticVersion behind = numberCount < 3 ? Next(version, numberCount) : version.Successor();
        switch (sign)
        {
            case ">=":
                return IntervalSet<SemanticVersion>.From(version);
            case ">":
                return IntervalSet<SemanticVersion>.From(behind);
            case "<":
                return IntervalSet<SemanticVersion>.Before(version);
            case "<=":
                return IntervalSet<SemanticVersion>.Before(behind);
            case "^":
                // A change of the first non-zero number may break users, so the range ends before the next value of this number.
                int kept = version.Major > 0 || numberCount == 1 ? 1 : version.Minor > 0 || numberCount == 2 ? 2 : 3;
                return IntervalSet<SemanticVersion>.Between(version, Next(version, kept));
            case "~":
                return IntervalSet<SemanticVersion>.Between(version, Next(version, Math.Min(numberCount, 2)));
            default:
                return IntervalSet<SemanticVersion>.Between(version, behind);
        }
    }

    /// <summary>Returns the first release after all versions that share the first one, two or three numbers.</summary>
    private static SemanticVersion Next(SemanticVersion version, int kept) => kept switch
    {
        1 => SemanticVersion.Release(version.Major + 1, 0, 0),
        2 => SemanticVersion.Release(version.Major, version.Minor + 1, 0),
        _ => SemanticVersion.Release(version.Major, version.Minor, version.Patch + 1),
    };
}
