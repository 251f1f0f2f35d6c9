using System.Text;
using Microsoft.CodeAnalysis;

namespace Estream.Esf.Generator.Tests;

/// <summary>
/// Generates C# that prints every member shown by a generated view, in the same format for every version of the view. It uses the types as
/// the compiler sees them, so no member of a view is missing.
/// </summary>
internal sealed class ViewPrinter
{
    private readonly StringBuilder _code = new();
    private int _names;

    /// <summary>Returns a method that reads with one view and prints the members that another view also has.</summary>
    /// <param name="method">The name of the method. It takes a message as a span and returns text.</param>
    /// <param name="view">The view that reads.</param>
    /// <param name="wanted">The view whose members are printed; one of the same version or an earlier one.</param>
    public static string Method(string method, INamedTypeSymbol view, INamedTypeSymbol wanted)
    {
        ViewPrinter printer = new();
        printer.Record("view", view, wanted);
        return $$"""
            public static string {{method}}(System.ReadOnlySpan<byte> message)
            {
                var text = new System.Text.StringBuilder();
                var view = {{view.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)}}.Of(message);
                {{printer._code}}
                return text.ToString();
            }

            """;
    }

    private void Record(string record, INamedTypeSymbol view, INamedTypeSymbol wanted)
    {
        Dictionary<string, ITypeSymbol> types = MembersOf(view);
        Dictionary<string, ITypeSymbol> names = MembersOf(wanted);
        foreach (KeyValuePair<string, ITypeSymbol> member in names.Where(member => !IsPresence(member.Key, names)))
        {
            string value = $"{record}.{member.Key}";
            if (names.ContainsKey("Has" + member.Key))
            {
                _code.AppendLine($"if (!{record}.Has{member.Key}) {{ {WhenAbsent(value, types[member.Key])} }} else {{");
            }
            else
            {
                _code.AppendLine("{");
            }

            _code.AppendLine($"text.Append(\"{member.Key}=\");");
            Value(value, types[member.Key], member.Value);
            _code.AppendLine("text.Append(';'); }");
        }
    }

    private void Value(string value, ITypeSymbol type, ITypeSymbol wanted)
    {
        ITypeSymbol[] arguments = type is INamedTypeSymbol { IsGenericType: true } generic ? [.. generic.TypeArguments] : [];
        ITypeSymbol[] wantedArguments = wanted is INamedTypeSymbol { IsGenericType: true } other ? [.. other.TypeArguments] : [];
        string name = "x" + _names++;
        switch (type.Name)
        {
            case "ReadOnlySpan":
                _code.AppendLine($"text.Append(System.Convert.ToHexString({value}));");
                break;
            case "EsfArray":
                _code.AppendLine($"text.Append('['); foreach (var {name} in {value}) {{");
                Value(name, arguments[0], wantedArguments[0]);
                _code.AppendLine("text.Append(','); } text.Append(']');");
                break;
            case "EsfMap":
                _code.AppendLine($"text.Append('<'); foreach (var {name} in {value}) {{");
                Value(name + ".Key", arguments[0], wantedArguments[0]);
                _code.AppendLine("text.Append(':');");
                Value(name + ".Value", arguments[2], wantedArguments[2]);
                _code.AppendLine("text.Append(','); } text.Append('>');");
                break;
            case "EsfPrivate":
                _code.AppendLine($"if ({value}.TryGet(out var {name})) {{");
                Value(name, arguments[0], wantedArguments[0]);
                _code.AppendLine($"}} else {{ text.Append({value}.IsWithheld ? '~' : '!'); }}");
                break;
            case "Nullable":
                Value(value + ".Value", arguments[0], wantedArguments[0]);
                break;
            default:
                if (type.TypeKind == TypeKind.Enum)
                {
                    // A value without a name in this version is its number, so all values are printed as numbers.
                    _code.AppendLine($"text.Append((ushort){value});");
                }
                else if (type.SpecialType != SpecialType.None)
                {
                    _code.AppendLine($"text.Append({value});");
                }
                else
                {
                    _code.AppendLine($"var {name} = {value}; text.Append('{{');");
                    Record(name, (INamedTypeSymbol)type, (INamedTypeSymbol)wanted);
                    _code.AppendLine("text.Append('}');");
                }

                break;
        }
    }

    /// <summary>Reading an absent field must return nothing; an absent object cannot be read.</summary>
    private static string WhenAbsent(string value, ITypeSymbol type) => type.Name switch
    {
        "Nullable" => $"if ({value}.HasValue) text.Append('!');",
        "ReadOnlySpan" => $"if (!{value}.IsEmpty) text.Append('!');",
        "EsfPrivate" => $"if (!{value}.IsAbsent) text.Append('!');",
        "EsfArray" or "EsfMap" => $"if ({value}.Count != 0) text.Append('!');",
        _ => "",
    };

    internal static Dictionary<string, ITypeSymbol> MembersOf(INamedTypeSymbol view) => view.GetMembers().OfType<IPropertySymbol>()
        .Where(property => property is { DeclaredAccessibility: Accessibility.Public, IsStatic: false, Name: not "Bytes" })
        .ToDictionary(property => property.Name, property => property.Type);

    internal static bool IsPresence(string name, Dictionary<string, ITypeSymbol> members) =>
        name.StartsWith("Has", StringComparison.Ordinal) && members.ContainsKey(name[3..]);
}
