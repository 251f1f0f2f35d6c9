using Estream.Marketplace.Trust.Namespaces;

namespace Estream.Marketplace.Names;

/// <summary>
/// The names that a registry has, to compare a new one with. Two texts are alike when their skeletons (UTS #39) are, whatever their case
/// and whatever stands between their letters: hyphens, underscores, dots and blanks. Names of the project itself, which have no scope, are
/// compared with the names in every scope. What one owner has is never held against the same owner. Immutable and safe for many threads;
/// making it is linear in the names, asking it in those that are popular.
/// </summary>
public sealed class KnownNames
{
    private const int LeastForOneLetter = 4;

    private readonly Dictionary<string, List<KnownName>> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<KnownName>> _scopes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<KnownName>> _shown = new(StringComparer.Ordinal);
    private readonly (string Text, KnownName Known)[] _popular;

    /// <summary>Names to compare with.</summary>
    /// <param name="names">What the registry has.</param>
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

    /// <summary>What a new component could be taken for; nothing where its name is like no other.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shown">What people are shown beside it.</param>
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
    /// What a text is compared by. Twice, because the skeleton knows case: one reader takes a capital I for an l, another one writes the
    /// same word in small letters, which look like others than the capitals do.
    /// </summary>
    internal static (string Small, string Seen) KeysOf(string text) =>
        (Bare(NameSkeleton.Of(text.ToLowerInvariant())), Bare(NameSkeleton.Of(NameSkeleton.Of(text).ToLowerInvariant())));

    /// <summary>Whether one letter added, taken away or changed, or two neighbours exchanged, make one text the other.</summary>
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

/// <summary>A component that a registry has, as far as others are compared with it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shown">What people are shown beside it and take it for: the name of its author, a title. Null where there is
/// nothing.</param>
/// <param name="IsPopular">Whether many use it, so that names one letter away are for those who mistype it.</param>
public sealed record KnownName(ComponentName Name, string? Shown = null, bool IsPopular = false);

/// <summary>A name that could be taken for another one: a person looks at it before anybody is offered it.</summary>
/// <param name="Kind">In what they are alike.</param>
/// <param name="Other">The component it could be taken for.</param>
/// <param name="Text">The text that is like one of the other.</param>
public sealed record NameSimilarity(NameSimilarityKind Kind, ComponentName Other, string Text)
{
    /// <summary>The similarity, as text for people.</summary>
    public override string ToString() => Kind switch
    {
        NameSimilarityKind.Name => $"'{Text}' looks like {Other}, which another owner has",
        NameSimilarityKind.Scope => $"the scope '{Text}' looks like that of {Other}, which another owner has",
        NameSimilarityKind.OneLetter => $"'{Text}' is one letter from {Other}, which many use",
        _ => $"'{Text}' looks like what {Other} of another owner is shown as",
    };
}

/// <summary>In what two components are alike.</summary>
public enum NameSimilarityKind
{
    /// <summary>Their names look the same, or differ in hyphens alone.</summary>
    Name,

    /// <summary>Their scopes do.</summary>
    Scope,

    /// <summary>One letter more, less, changed or exchanged with its neighbour makes it the name of a component that many use.</summary>
    OneLetter,

    /// <summary>What people are shown looks the same.</summary>
    Shown,
}
