using System.Text;
using Microsoft.CodeAnalysis;

namespace Estream.Esf.Generator.Tests;

/// <summary>
/// Generates C# that copies every member shown by a generated view with the generated writer, in member order. It uses the types as the
/// compiler sees them, so no member of a view is missing.
/// </summary>
internal sealed class ViewCopier
{
    private readonly StringBuilder _code = new();
    private int _names;

    /// <summary>Returns a method that copies a message.</summary>
    /// <param name="method">The name of the method. It takes the message and a destination as spans, and returns the number of bytes
    /// written.</param>
    /// <param name="view">The view of the message.</param>
    public static string Method(string method, INamedTypeSymbol view)
    {
        ViewCopier copier = new();
        INamedTypeSymbol schema = view.ContainingType;
        copier.Record("writer", "view", view, schema.GetTypeMembers("Writer")[0]);
        return $$"""
            public static int {{method}}(System.ReadOnlySpan<byte> message, System.Span<byte> destination)
            {
                var view = {{view.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)}}.Of(message);
                var writer = {{schema.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)}}.Write(destination);
                {{copier._code}}
                return writer.Length;
            }

            """;
    }

    private void Record(string writer, string record, INamedTypeSymbol view, INamedTypeSymbol writerType)
    {
        Dictionary<string, ITypeSymbol> members = ViewPrinter.MembersOf(view);
        foreach ((string name, ITypeSymbol type) in members.Where(member => !ViewPrinter.IsPresence(member.Key, members)))
        {
            string value = $"{record}.{name}";
            _code.AppendLine(members.ContainsKey("Has" + name) ? $"if ({record}.Has{name}) {{" : "{");
            switch (type.Name)
            {
                case "EsfPrivate":
                    string shown = NewName();
                    _code.AppendLine($"if ({value}.TryGet(out var {shown})) {{");
                    Field(writer, name, shown, ((INamedTypeSymbol)type).TypeArguments[0], writerType);
                    _code.AppendLine("}");
                    break;
                case "Nullable":
                    _code.AppendLine($"{writer}.{name} = {value}.Value;");
                    break;
                default:
                    Field(writer, name, value, type, writerType);
                    break;
            }

            _code.AppendLine("}");
        }
    }

    private void Field(string writer, string name, string value, ITypeSymbol type, INamedTypeSymbol writerType)
    {
        if (writerType.GetMembers("Begin" + name).OfType<IMethodSymbol>().FirstOrDefault() is { } begin)
        {
            Nested($"{writer}.Begin{name}()", $"{writer}.End{name}", value, type, (INamedTypeSymbol)begin.ReturnType);
        }
        else
        {
            // The property setter accepts bytes that live as long as the writer, the method accepts bytes of any lifetime.
            _code.AppendLine(type.Name == "ReadOnlySpan" ? $"{writer}.Set{name}({value});" : $"{writer}.{name} = {value};");
        }
    }

    /// <summary>Writes an object, an array or a map.</summary>
    private void Nested(string begin, string end, string value, ITypeSymbol type, INamedTypeSymbol writerType)
    {
        string writer = NewName();
        string item = NewName();
        ITypeSymbol[] items = [.. ((INamedTypeSymbol)type).TypeArguments];
        _code.AppendLine($"var {writer} = {begin};");
        switch (writerType.Name)
        {
            case "EsfArrayWriter":
                _code.AppendLine($"foreach (var {item} in {value}) {{ {writer}.Add({item}); }}");
                break;
            case "EsfNestedArrayWriter":
                _code.AppendLine($"foreach (var {item} in {value}) {{");
                Nested($"{writer}.Begin()", $"{writer}.End", item, items[0], (INamedTypeSymbol)writerType.TypeArguments[0]);
                _code.AppendLine("}");
                break;
            case "EsfMapWriter":
                _code.AppendLine($"foreach (var {item} in {value}) {{ {writer}.Add({item}.Key, {item}.Value); }}");
                break;
            case "EsfNestedMapWriter":
                _code.AppendLine($"foreach (var {item} in {value}) {{");
                Nested($"{writer}.Begin({item}.Key)", $"{writer}.End", $"{item}.Value", items[2],
                    (INamedTypeSymbol)writerType.TypeArguments[2]);
                _code.AppendLine("}");
                break;
            default:
                _code.AppendLine($"var {item} = {value};");
                Record(writer, item, (INamedTypeSymbol)type, writerType);
                break;
        }

        _code.AppendLine($"{end}(in {writer});");
    }

    private string NewName() => "x" + _names++;
}
