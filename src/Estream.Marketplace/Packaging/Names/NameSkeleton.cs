using System.Text;

namespace Estream.Marketplace.Names;

/// <summary>What a text looks like (UTS #39, section 4): two texts with one skeleton cannot be told apart by eye. It is no text for people.
/// Thread-safe; holds no state.</summary>
internal static class NameSkeleton
{
    /// <summary>The skeleton of a text: what cannot be seen goes, and of both sides of the mapping the decomposition is taken.</summary>
    public static string Of(string text)
    {
        StringBuilder mapped = new(text.Length);
        foreach (Rune rune in CanonicalDecomposition.Of(text).EnumerateRunes().Where(rune => !HiddenCharacters.IsHidden(rune)))
        {
            _ = UnicodeTables.Instance.Prototype(rune) is { } prototype ? mapped.Append(prototype) : mapped.Append(rune);
        }

        return CanonicalDecomposition.Of(mapped.ToString());
    }
}
