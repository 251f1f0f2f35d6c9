using Estream.Marketplace.Trust.Namespaces;

namespace Estream.Marketplace.Names;

/// <summary>
/// The existing names of a registry, to compare a new name with. Two texts are similar if their skeletons (UTS #39) are equal, ignoring
/// case, hyphens, underscores, dots and spaces. Names of the project itself, which have no scope, are compared with the names in every
/// scope. Names of the same owner are never reported. Immutable and thread-safe. Construction is linear in the number of names; a query is
/// linear in the number of popular names.
/// </summary>
public sealed class KnownNames
{
    private const int LeastForOneLetter = 4;

    private readonly Dictionary<string, List<KnownName>> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<KnownName>> _scopes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<KnownName>> _shown = new(StringComparer.Ordinal);
    private readonly (string Text, KnownName Known)[] _popular;

    /// <summary>Creates an instance.</summary>
    /// <param name="names">The names of the registry.</param>
    public KnownNames(IEnumerable<KnownName> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        KnownName[] all = [.. names];
        _popular = [.. all.Where(one => one.IsPopular).Select(one => (one.Name.ToString(), one))
            .Where(one => one.Item1.Length >= LeastForOneLetter)];
        foreach (KnownName one in all)
        {
            Put(_names, one.Name.ToString(), one);
            Put(_scopes, one.Name.Scope ?? NamespaceName.Project.Text, one);
            Put(_shown, one.Shown, one);
        }
    }

    /// <summary>Returns the existing components that a new component could be mistaken for.</summary>
    /// <param name="name">The name of the new component.</param>
    /// <param name="shown">The text displayed with it, such as a title; may be null.</param>
    public IReadOnlyList<NameSimilarity> SimilaritiesOf(ComponentName name, string? shown = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        NamespaceName owner = NamespaceName.Of(name);
        string whole = name.ToString();
        IEnumerable<NameSimilarity> found =
        [
            .. Alike(_names, whole).Concat(Alike(_names, name.Name))
            .Select(other => new NameSimilarity(NameSimilarityKind.Name, other, whole)),
            .. Alike(_scopes, name.Scope).Select(other => new NameSimilarity(NameSimilarityKind.Scope, other, "@" + name.Scope)),
            .. _popular.Where(one => IsOneEditApart(whole, one.Text) || IsOneEditApart(name.Name, one.Text))
            .Select(one => new NameSimilarity(NameSimilarityKind.OneLetter, one.Known.Name, whole)),
            .. Alike(_shown, shown).Select(other => new NameSimilarity(NameSimilarityKind.Shown, other, shown!)),
        ];
        return [.. found.Where(one => NamespaceName.Of(one.Other) != owner).DistinctBy(one => (one.Kind, one.Other))];
    }

    /// <summary>
    /// Returns the two keys that a text is compared by: of the lower-case text, and of the text as written. Both are needed because
    /// skeletons depend on case: a capital I looks like an l, but a small i does not.
    /// </summary>
    internal static (string Small, string Seen) KeysOf(string text) =>
        (Bare(NameSkeleton.Of(text.ToLowerInvariant())), Bare(NameSkeleton.Of(NameSkeleton.Of(text).ToLowerInvariant())));

    /// <summary>Returns whether the texts differ by one added, removed or changed letter, or by two exchanged neighbours.</summary>
    internal static bool IsOneEditApart(string a, string b)
    {
        (string shorter, string longer) = a.Length <= b.Length ? (a, b) : (b, a);
        if (longer.Length - shorter.Length > 1 || a == b)
        {
            return false;
        }

        int same = shorter.AsSpan().CommonPrefixLength(longer);
        ReadOnlySpan<char> restOfShorter = shorter.AsSpan(same), restOfLonger = longer.AsSpan(same);
        return shorter.Length < longer.Length ? restOfShorter.SequenceEqual(restOfLonger[1..])
            : restOfShorter[1..].SequenceEqual(restOfLonger[1..])
                || (restOfShorter.Length > 1 && restOfShorter[0] == restOfLonger[1] && restOfShorter[1] == restOfLonger[0]
                    && restOfShorter[2..].SequenceEqual(restOfLonger[2..]));
    }

    private static string Bare(string skeleton) => string.Concat(skeleton.Where(character => character is not ('-' or '_' or '.' or ' ')));

    private static void Put(Dictionary<string, List<KnownName>> known, string? text, KnownName one)
    {
        if (text is null)
        {
            return;
        }

        (string small, string seen) = KeysOf(text);
        foreach (string key in new[] { "1" + small, "2" + seen })
        {
            (known.TryGetValue(key, out List<KnownName>? there) ? there : known[key] = []).Add(one);
        }
    }

    private static IEnumerable<ComponentName> Alike(Dictionary<string, List<KnownName>> known, string? text)
    {
        (string small, string seen) = KeysOf(text ?? "");
        return text is null ? [] : new[] { "1" + small, "2" + seen }.SelectMany(key => known.GetValueOrDefault(key) ?? [])
            .Select(one => one.Name);
    }
}

/// <summary>An existing component of a registry, for the comparison of names.</summary>
/// <param name="Name">The name.</param>
/// <param name="Shown">The text displayed with the name, such as an author or a title; may be null.</param>
/// <param name="IsPopular">Whether the component is widely used, so that a name with one wrong letter could exploit typing errors.</param>
public sealed record KnownName(ComponentName Name, string? Shown = null, bool IsPopular = false);

/// <summary>A similarity between names, which a person reviews before the component is published.</summary>
/// <param name="Kind">How the names are similar.</param>
/// <param name="Other">The existing component.</param>
/// <param name="Text">The text of the new component that is similar.</param>
public sealed record NameSimilarity(NameSimilarityKind Kind, ComponentName Other, string Text)
{
    /// <summary>Returns the similarity as text for display.</summary>
    public override string ToString() => Kind switch
    {
        NameSimilarityKind.Name => $"'{Text}' looks like {Other} of another owner",
        NameSimilarityKind.Scope => $"the scope '{Text}' looks like that of {Other} of another owner",
        NameSimilarityKind.OneLetter => $"'{Text}' differs by one letter from {Other}, which is widely used",
        _ => $"'{Text}' looks like the displayed text of {Other} of another owner",
    };
}

/// <summary>How two components are similar.</summary>
public enum NameSimilarityKind
{
    /// <summary>The names look the same, or differ only in separators.</summary>
    Name,

    /// <summary>The scopes look the same.</summary>
    Scope,

    /// <summary>The name is one added, removed, changed or exchanged letter away from that of a popular component.</summary>
    OneLetter,

    /// <summary>The displayed texts look the same.</summary>
    Shown,
}
