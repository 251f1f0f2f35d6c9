namespace Estream.Esf.Schema;

/// <summary>The words of the schema language for privacy levels.</summary>
internal static class PrivacyNames
{
    public static readonly string[] All = ["public", "encrypted", "tokenized"];

    public static string NameOf(PrivacyLevel level) => All[(int)level];

    public static bool TryGet(string name, out PrivacyLevel level)
    {
        int index = Array.IndexOf(All, name);
        level = index < 0 ? default : (PrivacyLevel)index;
        return index >= 0;
    }
}
