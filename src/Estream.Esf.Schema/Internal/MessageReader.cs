namespace Estream.Esf.Schema.Internal;

/// <summary>Reads the <c>schemas</c> of a file.</summary>
internal static class MessageReader
{
    private const string FieldsExample = "fields: { door_id: { type: string(64) } }";

    public static List<MessageSchema> ReadAll(MapNode? map, string ns, FileScope scope)
    {
        if (map is null)
        {
            return [];
        }

        if (map.Entries.Count > EsfLimits.MaxDefinitionsPerFile)
        {
            scope.Sink.Report(DiagnosticCodes.Limit, map, Messages.TooMany("schemas in this file", EsfLimits.MaxDefinitionsPerFile));
            return [];
        }

        foreach (KeyValuePair<ScalarNode, SourceNode> entry in map.Entries)
        {
            scope.SchemaNames.Add(entry.Key.Value, entry.Key.Position);
        }

        NamedSchemas named = new(scope, (name, node, known) => Read(name, node, ns, scope, known));
        foreach (KeyValuePair<ScalarNode, SourceNode> entry in map.Entries)
        {
            CheckName(entry.Key, scope);
            named.Add(entry.Key, entry.Value);
        }

        return named.ReadAll();
    }

    private static void CheckName(ScalarNode name, FileScope scope)
    {
        if (!NameRule.IsTypeName(name.Value))
        {
            scope.Sink.Report(DiagnosticCodes.Name, name, Messages.BadTypeName("a schema", name.Value));
        }
        else if (scope.Enums.TryGetValue(name.Value, out EnumDefinition? clash))
        {
            scope.Sink.Report(DiagnosticCodes.NameConflict, name, Messages.NameConflict(name.Value, "an enum", clash.Position));
        }
        else if (scope.Objects.Has(name.Value))
        {
            scope.Sink.Report(DiagnosticCodes.NameConflict, name,
                Messages.NameConflict(name.Value, "an object", scope.Objects.PositionOf(name.Value)));
        }
    }

    private static MessageSchema? Read(ScalarNode name, SourceNode node, string ns, FileScope scope, NamedSchemas schemas)
    {
        string where = $"schema '{name.Value}'";
        if (scope.Sink.AsMap(node, where, FieldsExample) is not MapNode map)
        {
            return null;
        }

        scope.Sink.OnlyKeys(map, where, "description", "extends", "lattice", "path", "pattern", "fields", "retention");
        bool isBaseGood = schemas.TryFindBase(map.Find("extends"), out MessageSchema? extended);
        SourceNode? fields = map.Find("fields");
        if (fields is null)
        {
            scope.Sink.Report(DiagnosticCodes.MissingKey, name, Messages.Missing(where, "fields", FieldsExample));
            return null;
        }

        RecordDefinition? own = RecordReader.Read(fields, where, 0, scope);
        RecordDefinition? record = isBaseGood && own is not null ? BaseFields.Before(own, extended, map, scope.Sink) : null;
        SchemaTraits traits = TraitsReader.Read(map, record, scope.Sink);
        if (record is null || !scope.Objects.CheckSize(name, where, record))
        {
            return null;
        }

        if (!AudienceGroups.Of(record).AreWithinLimits)
        {
            scope.Sink.Report(DiagnosticCodes.Limit, name, Messages.TooManyAudiences(where, EsfLimits.MaxAudiences));
        }

        CheckSubLexes(name, where, SubLexes.Of(record), scope.Sink);
        return new MessageSchema(ns, name.Value, record, traits, name.Position, extended);
    }

    private static void CheckSubLexes(ScalarNode name, string where, SubLexes subLexes, DiagnosticSink sink)
    {
        if (!subLexes.AreWithinLimits)
        {
            sink.Report(DiagnosticCodes.Limit, name, Messages.TooManySubLexes(where, EsfLimits.MaxSubLexes));
        }

        if (subLexes.Misplaced is FieldDefinition field)
        {
            sink.Report(DiagnosticCodes.Privacy, field.Position, Messages.SubLexInside(field.Name));
        }
    }
}
