using System.Globalization;
using System.Text;
using Estream.Core;

namespace Estream.Wire.Iso20022.Schema;

/// <summary>
/// Compiles the XML Schema of a message. It supports the features that ISO 20022 schemas use and rejects all others by name, so that every
/// rule of a compiled schema is checked.
/// </summary>
internal sealed class XsdCompiler
{
    private readonly string _file;
    private readonly bool _isPartial;
    private readonly Dictionary<string, (XsdNode Node, ContentType Type)> _types = new(StringComparer.Ordinal);

    private XsdCompiler(string file, bool isPartial)
    {
        _file = file;
        _isPartial = isPartial;
    }

    /// <summary>Compiles a schema.</summary>
    /// <param name="text">The text of the file.</param>
    /// <param name="file">The file name for messages.</param>
    /// <param name="isPartial">Whether the schema lacks elements of the version of the message.</param>
    /// <exception cref="EstreamFormatException">The text is not an XML Schema, or uses features that ISO 20022 schemas do not
    /// have.</exception>
    public static MessageSchema Compile(ReadOnlySpan<byte> text, string file, bool isPartial = false) =>
        new XsdCompiler(file, isPartial).CompileSchema(XsdNode.Read(text, file));

    private MessageSchema CompileSchema(XsdNode schema)
    {
        RequireOnly(schema, ["targetNamespace", "elementFormDefault"], "element", "simpleType", "complexType");
        if (schema.Name != "schema" || schema["elementFormDefault"] != "qualified")
        {
            throw Refused(schema, "elements must be qualified: elementFormDefault=\"qualified\"");
        }

        foreach (XsdNode node in schema.Children.Where(child => child.Name != "element"))
        {
            string name = Required(node, "name");
            if (!_types.TryAdd(name, (node, new ContentType(name))))
            {
                throw Refused(node, $"there are two types '{name}'");
            }
        }

        foreach ((XsdNode node, ContentType type) in _types.Values.Where(declared => declared.Node.Name == "simpleType"))
        {
            RequireOnly(node, ["name"], "restriction");
            type.Kind = ContentKind.Text;
            type.Text = CompileSimple(type.Name, Only(node));
        }

        foreach ((XsdNode node, ContentType type) in _types.Values.Where(declared => declared.Node.Name == "complexType"))
        {
            CompileComplex(node, type);
        }

        XsdNode[] roots = [.. schema.Children.Where(child => child.Name == "element")];
        ElementDeclaration root = roots.Length == 1 ? CompileElement(roots[0]) : throw Refused(schema, "a schema needs one root element");
        foreach (ElementDeclaration element in _types.Values.SelectMany(declared => declared.Type.Elements).Append(root))
        {
            element.Seal();
        }

        return new MessageSchema(Encoding.UTF8.GetBytes(Required(schema, "targetNamespace")), root, _isPartial);
    }

    private void CompileComplex(XsdNode node, ContentType type)
    {
        RequireOnly(node, ["name"], "sequence", "choice", "simpleContent");
        XsdNode content = Only(node);
        if (content.Name == "simpleContent")
        {
            RequireOnly(content, [], "extension");
            CompileExtension(Only(content), type);
            return;
        }

        // The oldest versions wrap a choice in a sequence, which has the same meaning as the choice.
        if (content is { Name: "sequence", Attributes.Count: 0, Children: [{ Name: "choice" } choice] })
        {
            content = choice;
        }

        RequireOnly(content, [], "element", "any");
        XsdNode? any = content.Children.FirstOrDefault(child => child.Name == "any");
        if (any is not null)
        {
            CompileAny(content, any, type);
            return;
        }

        type.Kind = content.Name == "choice" ? ContentKind.Choice : ContentKind.Sequence;
        type.Elements = [.. content.Children.Select(CompileElement)];
        if (type.Elements.Length > ContentType.MaxElements || type.Elements.Select(element => element.ToString()).Distinct()
            .Count() != type.Elements.Length)
        {
            throw Refused(node, $"a type may have at most {ContentType.MaxElements} elements, with distinct names");
        }
    }

    private void CompileAny(XsdNode content, XsdNode any, ContentType type)
    {
        RequireOnly(any, ["namespace", "processContents"]);
        string uri = any["namespace"] ?? "##any";
        bool isOwn = !uri.StartsWith("##", StringComparison.Ordinal);
        if (content.Children.Count > 1 || any["processContents"] != "lax"
            || (uri != "##any" && (!isOwn || uri.Contains(' ', StringComparison.Ordinal))))
        {
            throw Refused(any, "'any' must be the only child, allow any or exactly one namespace, and have processContents=\"lax\"");
        }

        type.Kind = ContentKind.Any;
        type.AnyNamespace = isOwn ? Encoding.UTF8.GetBytes(uri) : null;
    }

    private void CompileExtension(XsdNode extension, ContentType type)
    {
        RequireOnly(extension, ["base"], "attribute");
        type.Kind = ContentKind.Text;
        type.Text = SimpleTypeOf(extension, "base");
        type.Attributes = [.. extension.Children.Select(attribute =>
        {
            RequireOnly(attribute, ["name", "type", "use"]);
            return new AttributeDeclaration(Encoding.UTF8.GetBytes(Required(attribute, "name")), SimpleTypeOf(attribute, "type"),
                attribute["use"] == "required");
        })];
    }

    private ElementDeclaration CompileElement(XsdNode element)
    {
        RequireOnly(element, ["name", "type", "minOccurs", "maxOccurs"]);
        string type = Required(element, "type");
        ContentType declared = _types.TryGetValue(type, out (XsdNode Node, ContentType Type) found)
            ? found.Type
            : throw Refused(element, $"there is no type '{type}'");
        int min = element["minOccurs"] is { } least ? Number(element, least) : 1;
        int max = element["maxOccurs"] is not { } most ? 1 : most == "unbounded" ? int.MaxValue : Number(element, most);
        return max >= Math.Max(min, 1)
            ? new ElementDeclaration(Encoding.UTF8.GetBytes(Required(element, "name")), declared, min, max)
            : throw Refused(element, "maxOccurs must be at least 1, and at least minOccurs");
    }

    private SimpleType CompileSimple(string name, XsdNode restriction)
    {
        RequireOnly(restriction, ["base"], "minLength", "maxLength", "pattern", "enumeration", "totalDigits", "fractionDigits",
            "minInclusive");
        ILookup<string, string> facets = restriction.Children.ToLookup(facet => facet.Name, facet =>
        {
            RequireOnly(facet, ["value"]);
            return Required(facet, "value");
        });
        if (facets.Any(facet => facet.Key != "enumeration" && facet.Count() > 1))
        {
            throw Refused(restriction, "a facet must not occur twice");
        }

        ValueKind kind = KindOf(restriction);
        string[] allowed = kind switch
        {
            ValueKind.Text => ["minLength", "maxLength", "pattern", "enumeration"],
            ValueKind.Number => ["totalDigits", "fractionDigits", "minInclusive"],
            ValueKind.Binary => ["minLength", "maxLength"],
            _ => [],
        };
        int? One(string facet) => facets[facet].FirstOrDefault() is { } value ? Number(restriction, value) : null;
        int? minInclusive = One("minInclusive");
        if (facets.Any(facet => !allowed.Contains(facet.Key)) || minInclusive is not (null or 0 or 1))
        {
            throw Refused(restriction,
                "supported facets are length, pattern and enumeration of text, length of bytes, and digits and minimum 0 or 1 of "
                + "numbers");
        }

        return new SimpleType
        {
            Name = name,
            Kind = kind,
            MinLength = One("minLength") ?? 0,
            MaxLength = One("maxLength") ?? int.MaxValue,
            Pattern = facets["pattern"].FirstOrDefault() is { } pattern ? PatternOf(restriction, pattern) : null,
            Values = [.. facets["enumeration"].Select(code => Encoding.UTF8.GetBytes(code))],
            TotalDigits = One("totalDigits") ?? int.MaxValue,
            FractionDigits = One("fractionDigits") ?? int.MaxValue,
            MinInclusive = minInclusive,
        };
    }

    private ValueKind KindOf(XsdNode restriction) => Required(restriction, "base") switch
    {
        "xs:string" => ValueKind.Text,
        "xs:decimal" => ValueKind.Number,
        "xs:boolean" => ValueKind.Boolean,
        "xs:date" => ValueKind.Date,
        "xs:dateTime" => ValueKind.DateTime,
        "xs:time" => ValueKind.Time,
        "xs:gYear" => ValueKind.Year,
        "xs:gYearMonth" => ValueKind.YearMonth,
        "xs:base64Binary" => ValueKind.Binary,
        string other => throw Refused(restriction, $"the base type '{other}' is not supported"),
    };

    private TextPattern PatternOf(XsdNode restriction, string pattern)
    {
        try
        {
            return TextPattern.Parse(pattern);
        }
        catch (FormatException e)
        {
            throw Refused(restriction, e.Message);
        }
    }

    private SimpleType SimpleTypeOf(XsdNode node, string attribute)
    {
        string name = Required(node, attribute);
        return _types.TryGetValue(name, out (XsdNode Node, ContentType Type) found) && found.Node.Name == "simpleType"
            ? found.Type.Text!
            : throw Refused(node, $"there is no simple type '{name}'");
    }

    private XsdNode Only(XsdNode node) => node.Children.Count == 1 ? node.Children[0] : throw Refused(node, "it needs exactly one element");

    private void RequireOnly(XsdNode node, string[] attributes, params string[] children)
    {
        string? attribute = node.Attributes.Keys.FirstOrDefault(key => !attributes.Contains(key));
        string? child = node.Children.FirstOrDefault(element => !children.Contains(element.Name))?.Name;
        if (attribute is not null || child is not null)
        {
            throw Refused(node, $"it has '{attribute ?? child}', which is not supported");
        }
    }

    private string Required(XsdNode node, string attribute) => node[attribute] ?? throw Refused(node, $"it needs a '{attribute}'");

    private int Number(XsdNode node, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw Refused(node, $"'{text}' is not a number");

    private EstreamFormatException Refused(XsdNode node, string why) => new($"{_file}: {node.Name} {node["name"]}: {why}.", _file);
}
