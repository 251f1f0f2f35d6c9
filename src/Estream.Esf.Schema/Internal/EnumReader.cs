namespace Estream.Esf.Schema.Internal;

/// <summary>Reads the <c>enums</c> of a file.</summary>
internal static class EnumReader
{
    private const string Example = "enums: { DoorState: { values: [Open, Closed] } }";
    private const string ValuesExample = "values: [Open, Closed]";

    public static void ReadAll(SourceNode? node, FileScope scope)
    {
        if (node is null || scope.Sink.AsMap(node, "'enums'", Example) is not MapNode map)
        {
            return;
        }

        if (map.Entries.Count > EsfLimits.MaxDefinitionsPerFile)
        {
            scope.Sink.Report(DiagnosticCodes.Limit, map, Messages.TooMany("enums in this file", EsfLimits.MaxDefinitionsPerFile));
            return;
        }

        foreach (KeyValuePair<ScalarNode, SourceNode> entry in map.Entries)
        {
            if (Read(entry.Key, entry.Value, scope.Sink) is EnumDefinition definition)
            {
                scope.Enums.Add(definition.Name, definition);
            }
            else
            {
                scope.FailedEnums.Add(entry.Key.Value);
            }
        }
    }

    private static EnumDefinition? Read(ScalarNode name, SourceNode node, DiagnosticSink sink)
    {
        bool nameIsGood = CheckName(name, sink);
        if (sink.AsMap(node, $"enum '{name.Value}'", ValuesExample) is not MapNode map)
        {
            return null;
        }

        sink.OnlyKeys(map, $"enum '{name.Value}'", "values", "description");
        string? description = sink.Text(map, "description", "description: \"State of a door\"");
        SourceNode? valuesNode = map.Find("values");
        if (valuesNode is null)
        {
            sink.Report(DiagnosticCodes.MissingKey, name, Messages.Missing($"enum '{name.Value}'", "values", ValuesExample));
            return null;
        }

        return ReadValues(name.Value, valuesNode, sink) is { } values && nameIsGood
            ? new EnumDefinition(name.Value, values, description, name.Position)
            : null;
    }

    private static bool CheckName(ScalarNode name, DiagnosticSink sink)
    {
        if (!NameRule.IsTypeName(name.Value))
        {
            sink.Report(DiagnosticCodes.Name, name, Messages.BadTypeName("an enum", name.Value));
            return false;
        }

        if (TypeNames.All.Contains(name.Value))
        {
            sink.Report(DiagnosticCodes.NameConflict, name, Messages.NameIsType(name.Value));
            return false;
        }

        return true;
    }

    private static List<string>? ReadValues(string enumName, SourceNode node, DiagnosticSink sink)
    {
        if (sink.AsList(node, $"'values' of enum '{enumName}'", ValuesExample) is not ListNode list)
        {
            return null;
        }

        if (list.Items.Count == 0)
        {
            sink.Report(DiagnosticCodes.Empty, list, Messages.Empty($"enum '{enumName}'", ValuesExample));
            return null;
        }

        if (list.Items.Count > EsfLimits.MaxEnumValues)
        {
            sink.Report(DiagnosticCodes.Limit, list, Messages.TooMany($"values in enum '{enumName}'", EsfLimits.MaxEnumValues));
            return null;
        }

        return CollectValues(list, sink);
    }

    private static List<string>? CollectValues(ListNode list, DiagnosticSink sink)
    {
        Dictionary<string, SourcePosition> seen = new(StringComparer.Ordinal);
        List<string> values = new(list.Items.Count);
        bool good = true;
        foreach (SourceNode item in list.Items)
        {
            if (sink.AsScalar(item, "a value of an enum", ValuesExample) is not ScalarNode value)
            {
                good = false;
            }
            else if (!NameRule.IsTypeName(value.Value))
            {
                sink.Report(DiagnosticCodes.Name, value, Messages.BadTypeName("a value of an enum", value.Value));
                good = false;
            }
            else if (seen.TryGetValue(value.Value, out SourcePosition first))
            {
                sink.Report(DiagnosticCodes.DuplicateKey, value, Messages.Duplicate(value.Value, first));
                good = false;
            }
            else
            {
                seen.Add(value.Value, value.Position);
                values.Add(value.Value);
            }
        }

        return good ? values : null;
    }
}
