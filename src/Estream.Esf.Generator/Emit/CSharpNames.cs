using System.Text;
using Microsoft.CodeAnalysis.CSharp;

namespace Estream.Esf.Generator.Emit;

/// <summary>Converts names of the schema language to C# names.</summary>
internal static class CSharpNames
{
    /// <summary>Converts <c>estream.iot</c> to <c>Estream.Iot</c>.</summary>
    public static string Namespace(string ns) => string.Join(".", ns.Split('.').Select(Pascal));

    /// <summary>Converts <c>device_id</c> to <c>DeviceId</c>.</summary>
    public static string Pascal(string name)
    {
        StringBuilder text = new(name.Length);
        bool upper = true;
        foreach (char c in name)
        {
            if (c == '_')
            {
                upper = true;
                continue;
            }

            // A digit has no upper case, so the underscore stays: a_1 and a1 must have different names.
            if (upper && c is >= '0' and <= '9' && text.Length > 0)
            {
                text.Append('_');
            }

            text.Append(upper ? char.ToUpperInvariant(c) : c);
            upper = false;
        }

        return text.ToString();
    }

    /// <summary>Returns a name as it must be written in code: keywords get an @.</summary>
    public static string Escape(string name) =>
        SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None || SyntaxFacts.GetContextualKeywordKind(name) != SyntaxKind.None
            ? "@" + name
            : name;

    /// <summary>Returns a string literal, or <c>null</c>.</summary>
    public static string Literal(string? text) => text is null ? "null" : SymbolDisplay.FormatLiteral(text, quote: true);

    /// <summary>Returns the name of an enum value. <c>value__</c> is reserved: the runtime uses it for the underlying number.</summary>
    public static string EnumValue(string name) => name == "value__" ? "value__Value" : Escape(name);
}
