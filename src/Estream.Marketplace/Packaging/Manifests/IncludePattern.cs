using Estream.Esf.Schema;

namespace Estream.Marketplace.Manifests;

/// <summary>
/// A path pattern that includes files in a package: <c>*</c> matches any characters within a name, and <c>**</c> between slashes matches
/// zero or more folders. A name with a leading dot matches only if the pattern has the dot, so hidden files are not published by accident.
/// Case-sensitive. Immutable.
/// </summary>
public sealed class IncludePattern
{
    /// <summary>The key in <c>[component.include]</c> whose patterns select executable files.</summary>
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

    /// <summary>The key in <c>[component.include]</c> that contains the pattern.</summary>
    public string Group { get; }

    /// <summary>The pattern as written.</summary>
    public string Text { get; }

    /// <summary>The position of the pattern in the manifest.</summary>
    public SourcePosition Position { get; }

    /// <summary>Returns whether the pattern matches a file. The time is proportional to the length of the path times the length of the
    /// pattern.</summary>
    /// <param name="path">The path relative to the folder of the component, with slashes.</param>
    public bool Matches(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Matches(_segments, path.Split('/'), FitsName, Folders, segment => !segment.StartsWith('.'));
    }

    /// <summary>Returns the pattern as written.</summary>
    public override string ToString() => Text;

    private static bool FitsName(string pattern, string name) =>
        (!name.StartsWith('.') || pattern.StartsWith('.'))
            && Matches(pattern.ToCharArray(), name.ToCharArray(), (a, b) => a == b, '*', _ => true);

    /// <summary>Matches a sequence with wildcards for any number of items: on a mismatch, the last wildcard takes one more item.</summary>
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
