using System.Globalization;

namespace Estream.Esf.Schema.Internal;

/// <summary>A recursive-descent parser of the canonical text; docs/formats/esf.md specifies the grammar.</summary>
internal sealed class CanonicalReader(string text)
{
    private int _at;

    public MessageSchema ReadSchema()
    {
        Expect(CanonicalForm.Prefix);
        string qualified = ReadName();
        int dot = qualified.LastIndexOf('.');
        if (dot < 0 || !NameRule.IsDottedName(qualified.Substring(0, dot)) || !NameRule.IsTypeName(qualified.Substring(dot + 1)))
        {
            throw Wrong("a qualified schema name");
        }

        RecordDefinition record = ReadRecord(0);
        if (_at != text.Length)
        {
            throw Wrong("the end of the text");
        }

        if (!AudienceGroups.Of(record).AreWithinLimits)
        {
            throw Wrong("fewer audiences of private fields");
        }

        SubLexes subLexes = SubLexes.Of(record);
        if (subLexes.Misplaced is not null || !subLexes.AreWithinLimits)
        {
            throw Wrong("fewer sub-lexes, and none inside a private field");
        }

        return new MessageSchema(qualified.Substring(0, dot), qualified.Substring(dot + 1), record);
    }

    private RecordDefinition ReadRecord(int depth)
    {
        List<FieldDefinition> fields = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        Expect("{");
        do
        {
            FieldDefinition field = ReadField(depth);
            if (!names.Add(field.Name) || fields.Count == EsfLimits.MaxFields)
            {
                throw Wrong("a new field");
            }

            fields.Add(field);
        }
        while (Take(","));
        Expect("}");
        return new RecordDefinition(fields);
    }

    private FieldDefinition ReadField(int depth)
    {
        string name = ReadName();
        if (!NameRule.IsFieldName(name))
        {
            throw Wrong("a field name");
        }

        bool optional = Take("?");
        Expect(":");
        EsfType type = ReadType(depth);
        PrivacyRule? privacy = Take("@") ? ReadPrivacy() : null;
        return privacy is { IsTokenized: true } && type.Kind != EsfTypeKind.String
            ? throw Wrong("type 'string' for a tokenized field")
            : new FieldDefinition(name, type, optional, privacy);
    }

    private EsfType ReadType(int depth)
    {
        string word = ReadName();
        if (depth > EsfLimits.MaxDepth)
        {
            throw Wrong("a type with less nesting");
        }

        switch (word)
        {
            case "object":
                return EsfType.ObjectOf(ReadRecord(depth + 1));
            case "enum":
                return ReadEnum();
            case "string" when Take("("):
                return ReadString();
            case "array":
                Expect("(");
                EsfType item = ReadType(depth + 1);
                Expect(")");
                return EsfType.ArrayOf(item);
            case "map":
                return ReadMap(depth);
            default:
                return TypeNames.TryGetSimple(word, out EsfTypeKind kind) ? EsfType.Of(kind) : throw Wrong("a type");
        }
    }

    private EsfType ReadMap(int depth)
    {
        Expect("(");
        EsfType key = ReadType(depth + 1);
        Expect(",");
        EsfType value = ReadType(depth + 1);
        Expect(")");
        return key.HasTextForm ? EsfType.MapOf(key, value) : throw Wrong("a key with a text form");
    }

    private EsfType ReadString()
    {
        int start = _at;
        while (_at < text.Length && text[_at] is >= '0' and <= '9')
        {
            _at++;
        }

        bool good = int.TryParse(text.Substring(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out int limit);
        if (!good || limit is < 1 or > EsfLimits.MaxMessageBytes)
        {
            throw Wrong("a string length");
        }

        Expect(")");
        return EsfType.StringOf(limit);
    }

    private EsfType ReadEnum()
    {
        Expect(" ");
        string name = ReadName();
        List<string> values = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        Expect("{");
        do
        {
            string value = ReadName();
            if (!NameRule.IsTypeName(value) || !seen.Add(value) || values.Count == EsfLimits.MaxEnumValues)
            {
                throw Wrong("a new enum value");
            }

            values.Add(value);
        }
        while (Take(","));
        Expect("}");
        return NameRule.IsTypeName(name) ? EsfType.EnumOf(new EnumDefinition(name, values)) : throw Wrong("an enum name");
    }

    private PrivacyRule ReadPrivacy()
    {
        PrivacyLevel level = ReadLevel();
        List<AudienceGrant> grants = [];
        if (Take("["))
        {
            do
            {
                string audience = ReadName();
                if (!NameRule.IsFieldName(audience) || grants.Exists(grant => grant.Audience == audience))
                {
                    throw Wrong("a new audience");
                }

                Expect("=");
                grants.Add(new AudienceGrant(audience, ReadLevel()));
            }
            while (Take(","));
            Expect("]");
        }

        if (grants.Exists(grant => grant.Level == PrivacyLevel.Tokenized) || (level == PrivacyLevel.Tokenized && grants.Count > 0))
        {
            throw Wrong("'tokenized' without audiences");
        }

        string? subLex = Take("/") ? ReadName() : null;
        return subLex is null || (level == PrivacyLevel.Encrypted && NameRule.IsFieldName(subLex))
            ? new PrivacyRule(level, grants, subLex)
            : throw Wrong("a sub-lex of a private field");
    }

    private PrivacyLevel ReadLevel() =>
        PrivacyNames.TryGet(ReadName(), out PrivacyLevel level) ? level : throw Wrong("a privacy level");

    private string ReadName()
    {
        int start = _at;
        while (_at < text.Length && text[_at] is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_' or '.')
        {
            _at++;
        }

        return _at > start ? text.Substring(start, _at - start) : throw Wrong("a name");
    }

    private bool Take(string literal)
    {
        if (string.CompareOrdinal(text, _at, literal, 0, literal.Length) != 0)
        {
            return false;
        }

        _at += literal.Length;
        return true;
    }

    private void Expect(string literal)
    {
        if (!Take(literal))
        {
            throw Wrong("'" + literal + "'");
        }
    }

    private FormatException Wrong(string expected) =>
        new($"Canonical schema text is invalid at column {_at + 1}: expected {expected}.");
}
