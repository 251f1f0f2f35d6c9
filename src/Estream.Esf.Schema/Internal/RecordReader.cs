namespace Estream.Esf.Schema.Internal;

/// <summary>Reads the <c>fields</c> of a schema or of an object.</summary>
internal static class RecordReader
{
    private const string FieldExample = "door_id: { type: string(64) }";
    private const string TypeExample = "type: string(64)";

    /// <summary>Reads the fields; returns null after reporting an error in any of them.</summary>
    public static RecordDefinition? Read(SourceNode node, string where, int depth, FileScope scope)
    {
        if (scope.Sink.AsMap(node, $"'fields' of {where}", FieldExample) is not MapNode map)
        {
            return null;
        }

        if (map.Entries.Count == 0)
        {
            scope.Sink.Report(DiagnosticCodes.Empty, map, Messages.Empty($"'fields' of {where}", FieldExample));
            return null;
        }

        if (map.Entries.Count > EsfLimits.MaxFields)
        {
            scope.Sink.Report(DiagnosticCodes.Limit, map, Messages.TooMany($"fields in {where}", EsfLimits.MaxFields));
            return null;
        }

        List<FieldDefinition> fields = new(map.Entries.Count);
        foreach (KeyValuePair<ScalarNode, SourceNode> entry in map.Entries)
        {
            if (ReadField(entry.Key, entry.Value, depth, scope) is FieldDefinition field)
            {
                fields.Add(field);
            }
        }

        return fields.Count == map.Entries.Count ? new RecordDefinition(fields) : null;
    }

    private static FieldDefinition? ReadField(ScalarNode name, SourceNode node, int depth, FileScope scope)
    {
        DiagnosticSink sink = scope.Sink;
        string where = $"field '{name.Value}'";
        bool nameIsGood = NameRule.IsFieldName(name.Value);
        if (!nameIsGood)
        {
            sink.Report(DiagnosticCodes.Name, name, Messages.BadFieldName(name.Value));
        }

        if (sink.AsMap(node, where, TypeExample) is not MapNode map)
        {
            return null;
        }

        sink.OnlyKeys(map, where, "type", "description", "optional", "fields", "privacy");
        bool? optional = ReadOptional(map, sink);
        PrivacyRule? privacy = PrivacyReader.Read(map.Find("privacy"), sink);
        string? description = sink.Text(map, "description", "description: \"Unique door identifier\"");
        EsfType? type = ReadType(name, map, depth, scope);
        if (privacy is { IsTokenized: true } && type is not null && type.Kind != EsfTypeKind.String)
        {
            sink.Report(DiagnosticCodes.Privacy, name, Messages.TokenizedType(name.Value));
        }

        return nameIsGood && type is not null && optional is bool isOptional && privacy is not null
            ? new FieldDefinition(name.Value, type, isOptional, privacy, description, name.Position)
            : null;
    }

    private static EsfType? ReadType(ScalarNode name, MapNode map, int depth, FileScope scope)
    {
        string where = $"field '{name.Value}'";
        SourceNode? node = map.Find("type");
        if (node is null)
        {
            scope.Sink.Report(DiagnosticCodes.MissingKey, name, Messages.Missing(where, "type", TypeExample));
            return null;
        }

        if (scope.Sink.AsScalar(node, $"'type' of {where}", TypeExample) is not ScalarNode text)
        {
            return null;
        }

        SourceNode? fields = map.Find("fields");
        EsfType? type = TypeParser.Parse(text, scope, depth, ReadObject, out int objectCount);
        if (type is not null && fields is not null && objectCount == 0)
        {
            scope.Sink.Report(DiagnosticCodes.ObjectFields, fields, Messages.FieldsUnexpected(text.Value));
        }

        return type;

        RecordDefinition? ReadObject(int objectDepth)
        {
            if (fields is null)
            {
                scope.Sink.Report(DiagnosticCodes.ObjectFields, text, Messages.FieldsMissing(Messages.Shorten(text.Value)));
                return null;
            }

            return Read(fields, where, objectDepth, scope);
        }
    }

    private static bool? ReadOptional(MapNode map, DiagnosticSink sink)
    {
        SourceNode? node = map.Find("optional");
        if (node is null)
        {
            return false;
        }

        if (node is ScalarNode { Value: "true" or "false" } scalar)
        {
            return scalar.Value == "true";
        }

        sink.Report(DiagnosticCodes.Boolean, node, Messages.Boolean("optional", node is ScalarNode other ? other.Value : node.Shape));
        return null;
    }
}
