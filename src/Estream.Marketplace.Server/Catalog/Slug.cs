using System.Diagnostics.CodeAnalysis;
using Estream.Esf.Schema;

namespace Estream.Marketplace.Server.Catalog;

/// <summary>The name of a component as one segment of an address: <c>scope--name</c>, or <c>name</c> without a scope. A component name has
/// no two hyphens in a row, so a slug names one component.</summary>
internal static class Slug
{
    private const string Separator = "--";

    /// <summary>Returns the slug of a component.</summary>
    public static string Of(ComponentName name) => name.Scope is null ? name.Name : name.Scope + Separator + name.Name;

    /// <summary>Reads a slug. Accepts any text and never throws.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ComponentName? name)
    {
        name = null;
        if (text is null or { Length: > 128 })
        {
            return false;
        }

        int at = text.IndexOf(Separator, StringComparison.Ordinal);
        string full = at < 0 ? text : $"@{text[..at]}/{text[(at + Separator.Length)..]}";
        return ComponentName.TryParse(full, out name, out ParseFault? _) && Of(name) == text;
    }
}
