using System.Globalization;

namespace Estream.Esf.Schema.Internal;

/// <summary>A recursive-descent parser of one type, which is the text of a single YAML value.</summary>
internal sealed class TypeParser
{
    private readonly ScalarNode _node;
    private readonly FileScope _scope;
    private readonly Func<int, RecordDefinition?> _readObject;
    private readonly string _text;
    private int _at;

    private TypeParser(ScalarNode node, FileScope scope, Func<int, RecordDefinition?> readObject)
    {
        _node = node;
        _scope = scope;
        _readObject = readObject;
        _text = node.Value;
    }

    /// <summary>The number of times that the type contains <c>object</c>.</summary>
    public int ObjectCount { get; private set; }

    /// <summary>Parses the type; returns null after reporting an error.</summary>
    /// <param name="node">The YAML value.</param>
    /// <param name="scope">The names of the file.</param>
    /// <param name="depth">The nesting depth of the field.</param>
    /// <param name="readObject">Reads the fields of the type <c>object</c>, at a given depth.</param>
    /// <param name="objectCount">The number of times that the type contains <c>object</c>.</param>
    public static EsfType? Parse(ScalarNode node, FileScope scope, int depth, Func<int, RecordDefinition?> readObject, out int objectCount)
    {
        TypeParser parser = new(node, scope, readObject);
        EsfType? type = parser.ParseWhole(depth);
        objectCount = parser.ObjectCount;
        return type;
    }

    private EsfType? ParseWhole(int depth)
    {
        EsfType? type = ParseType(depth);
        SkipBlanks();
        if (type is not null && _at < _text.Length)
        {
            return FailSyntax($"'{_text.Substring(_at)}' is not expected after '{type}'");
        }

        return type;
    }

    private EsfType? ParseType(int depth)
    {
        SkipBlanks();
        int start = _at;
        while (_at < _text.Length && _text[_at] is not ('(' or ')' or ',' or ' '))
        {
            _at++;
        }

        string word = _text.Substring(start, _at - start);
        if (depth > EsfLimits.MaxDepth)
        {
            return Fail(DiagnosticCodes.Limit, Messages.TooDeep());
        }

        return word switch
        {
            "" => FailSyntax("a type is missing, as in 'string(64)' or 'map(string, u32)'"),
            "array" => ParseArray(depth),
            "map" => ParseMap(depth),
            "object" => ParseObject(depth),
            "string" when Peek('(') => ParseString(),
            _ when word.IndexOf('.') > 0 => ParseImported(word, depth),
            _ when _scope.Objects.Has(word) => ParseNamedObject(word, depth),
            _ => ParseName(word),
        };
    }

    private EsfType? ParseArray(int depth)
    {
        if (!Take('('))
        {
            return FailSyntax("write the item type, for example 'array(f64)'");
        }

        EsfType? element = ParseType(depth + 1);
        if (element is null)
        {
            return null;
        }

        return Take(')') ? EsfType.ArrayOf(element) : FailSyntax("')' is missing after the item type, as in 'array(f64)'");
    }

    private EsfType? ParseMap(int depth)
    {
        const string Example = "write the key and value types, for example 'map(string, u32)'";
        if (!Take('('))
        {
            return FailSyntax(Example);
        }

        EsfType? key = ParseType(depth + 1);
        if (key is null)
        {
            return null;
        }

        if (!Take(','))
        {
            return FailSyntax("',' and the value type are missing; " + Example);
        }

        EsfType? value = ParseType(depth + 1);
        if (value is null)
        {
            return null;
        }

        if (!Take(')'))
        {
            return FailSyntax("')' is missing after the value type, as in 'map(string, u32)'");
        }

        return key.HasTextForm ? EsfType.MapOf(key, value) : Fail(DiagnosticCodes.MapKey, Messages.MapKey(key.ToString()));
    }

    private EsfType? ParseObject(int depth)
    {
        ObjectCount++;
        if (ObjectCount > 1)
        {
            return Fail(DiagnosticCodes.ObjectFields, Messages.TwoObjects(_text));
        }

        return _readObject(depth + 1) is RecordDefinition record ? EsfType.ObjectOf(record) : null;
    }

    private EsfType? ParseNamedObject(string name, int depth)
    {
        if (Peek('('))
        {
            return FailSyntax($"'{name}' takes no argument in parentheses");
        }

        return _scope.Objects.Use(name, _node, depth + 1) is RecordDefinition record ? EsfType.ObjectOf(record) : null;
    }

    private EsfType? ParseImported(string word, int depth) =>
        Peek('(') ? FailSyntax($"'{word}' takes no argument in parentheses") : _scope.Imports.Use(word, _node, depth);

    private EsfType? ParseString()
    {
        Take('(');
        int start = _at;
        while (_at < _text.Length && _text[_at] is not (')' or ','))
        {
            _at++;
        }

        string digits = _text.Substring(start, _at - start).Trim();
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) || limit is < 1
            or > EsfLimits.MaxMessageBytes)
        {
            return Fail(DiagnosticCodes.StringLength, Messages.StringLength(digits));
        }

        return Take(')') ? EsfType.StringOf(limit) : FailSyntax("')' is missing after the length, as in 'string(64)'");
    }

    private EsfType? ParseName(string word)
    {
        EsfType? type = TypeNames.TryGetSimple(word, out EsfTypeKind kind) ? EsfType.Of(kind)
            : _scope.Enums.TryGetValue(word, out EnumDefinition? found) ? EsfType.EnumOf(found)
            : null;
        if (type is null)
        {
            return _scope.SchemaNames.ContainsKey(word)
                ? Fail(DiagnosticCodes.UnknownType, Messages.SchemaAsType(word))
                : _scope.FailedEnums.Contains(word) ? null
                : Fail(DiagnosticCodes.UnknownType,
                    Messages.UnknownType(word,
                        TypeNames.All.Where(t => t != "enum").Concat(_scope.Enums.Keys).Concat(_scope.Objects.Names)));
        }

        return Peek('(') ? FailSyntax($"'{word}' takes no argument in parentheses") : type;
    }

    private EsfType? FailSyntax(string reason) => Fail(DiagnosticCodes.TypeSyntax, Messages.TypeSyntax(_text, reason));

    private EsfType? Fail(string code, string message)
    {
        _scope.Sink.Report(code, _node, message);
        return null;
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length && _text[_at] == ' ')
        {
            _at++;
        }
    }

    private bool Peek(char c)
    {
        SkipBlanks();
        return _at < _text.Length && _text[_at] == c;
    }

    private bool Take(char c)
    {
        if (!Peek(c))
        {
            return false;
        }

        _at++;
        return true;
    }
}
