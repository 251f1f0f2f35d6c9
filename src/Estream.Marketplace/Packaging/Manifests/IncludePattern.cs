using Estream.Esf.Schema;

namespace Estream.Marketplace.Manifests;

/// <summary>
/// Paths of files that belong to a package: <c>*</c> stands for any characters within a name, <c>**</c> between slashes for any number of
/// folders, none included. Names that begin with a dot are matched only where the pattern has the dot, so that nothing hidden is published
/// unseen. Case counts. Immutable.
/// </summary>
public sealed class IncludePattern
{
    /// <summary>The group whose files may be executed.</summary>
    public const string Executable = "executable";

    private const string Folders = "**";

    private readonly string[] _segments;

    internal IncludePattern(string group, string text, SourcePosition position)
    {
        Group = group;
        Position = position;
        Text = text;
        _segments = text.Split('/');
    }

    /// <summary>The key of <c>[component.include]</c> it stands under.</summary>
    public string Group { get; }

    /// <summary>The pattern as it was written.</summary>
    public string Text { get; }

    /// <summary>Where the manifest has it.</summary>
    public SourcePosition Position { get; }

    /// <summary>Whether a file belongs to it. Takes time in proportion to the length of the path times that of the pattern.</summary>
    /// <param name="path">The path from the folder of the component, with slashes.</param>
    public bool Matches(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Matches(_segments, path.Split('/'), FitsName, Folders, segment => !segment.StartsWith('.'));
    }

    /// <summary>The pattern as it was written.</summary>
    public override string ToString() => Text;

    private static bool FitsName(string pattern, string name) =>
        (!name.StartsWith('.') || pattern.StartsWith('.'))
            && Matches(pattern.ToCharArray(), name.ToCharArray(), (a, b) => a == b, '*', _ => true);

    /// <summary>Matches a sequence with wildcards that stand for any number of items: where one does not fit, the last wildcard takes one
    /// item more.</summary>
    private static bool Matches<T>(ReadOnlySpan<T> pattern, ReadOnlySpan<T> items, Func<T, T, bool> fits, T wildcard, Func<T, bool> isTaken)
        where T : IEquatable<T>
    {
        int at = 0;
        int item = 0;
        int behindWildcard = -1;
        int taken = 0;
        while (item < items.Length)
        {
            if (at < pattern.Length && pattern[at].Equals(wildcard))
            {
                behindWildcard = ++at;
                taken = item;
            }
            else if (at < pattern.Length && fits(pattern[at], items[item]))
            {
                at++;
                item++;
            }
            else if (behindWildcard >= 0 && isTaken(items[taken]))
            {
                at = behindWildcard;
                item = ++taken;
            }
            else
            {
                return false;
            }
        }

        return pattern[at..].IndexOfAnyExcept(wildcard) < 0;
    }
}
