using System.Text;
using Microsoft.CodeAnalysis.CSharp;

namespace Estream.Esf.Generator.Emit;

/// <summary>Names of the schema language in C#.</summary>
internal static class CSharpNames
{
    /// <summary><c>estream.iot</c> becomes <c>Estream.Iot</c>.</summary>
    public static string Namespace(string ns) => string.Join(".", ns.Split('.').Select(Pascal));

    /// <summary><c>device_id</c> becomes <c>DeviceId</c>.</summary>
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

            // A digit cannot be made upper case: keep a_1 and a1 apart.
            if (upper && c is >= '0' and <= '9' && text.Length > 0)
            {
                text.Append('_');
            }

            text.Append(upper ? char.ToUpperInvariant(c) : c);
            upper = false;
        }

        return text.ToString();
    }

    /// <summary>A name as it must be written in code: keywords with an @.</summary>
    public static string Escape(string name) =>
        SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None || SyntaxFacts.GetContextualKeywordKind(name) != SyntaxKind.None
            ? "@" + name
            : name;

    /// <summary>A text as it must be written in code, or <c>null</c>.</summary>
    public static string Literal(string? text) => text is null ? "null" : SymbolDisplay.FormatLiteral(text, quote: true);

    /// <summary>The name of an enum value; <c>value__</c> is what the runtime calls the number inside.</summary>
    public static string EnumValue(string name) => name == "value__" ? "value__Value" : Escape(name);
}
