using System.Text;

namespace Estream.Marketplace.Names;

/// <summary>Computes the skeleton of a text (UTS #39, section 4): texts with equal skeletons look alike. A skeleton is not meant for
/// display. Thread-safe; holds no state.</summary>
internal static class NameSkeleton
{
    /// <summary>Returns the skeleton of a text: decomposes it, removes hidden characters, maps each character to its prototype, and
    /// decomposes the result.</summary>
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
