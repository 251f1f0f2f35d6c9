using System.Globalization;

namespace Estream.Esf.Schema.Internal;

/// <summary>Reads the keys of a schema other than its fields.</summary>
internal static class TraitsReader
{
    private const string RetentionExample = "retention: { duration_days: 90 }";
    private const int MaxRetentionDays = 36_525;

    public static SchemaTraits Read(MapNode map, RecordDefinition? record, DiagnosticSink sink)
    {
        string? description = sink.Text(map, "description", "description: \"A door was opened\"");
        string? lattice = ReadLattice(map, sink);
        string? path = null;
        if (map.Find("path") is SourceNode node && sink.AsScalar(node, "'path'", "path: /doors/{door_id}") is ScalarNode text)
        {
            path = text.Value;
            PathTemplate.Check(text, record, sink);
        }

        TimeSpan? retention = ReadRetention(map.Find("retention"), sink);
        return new SchemaTraits(description, lattice, path, retention, ReadPattern(map, retention, sink));
    }

    private static StreamPattern? ReadPattern(MapNode map, TimeSpan? retention, DiagnosticSink sink)
    {
        if (sink.Text(map, "pattern", "pattern: state") is not string name)
        {
            return null;
        }

        if (!PatternNames.TryGet(name, out StreamPattern pattern))
        {
            sink.Report(DiagnosticCodes.Pattern, map.Find("pattern")!, Messages.Pattern(name));
            return null;
        }

        if (pattern == StreamPattern.Log && retention is not null)
        {
            sink.Report(DiagnosticCodes.Pattern, map.Find("retention")!, Messages.LogRetention());
        }

        return pattern;
    }

    private static string? ReadLattice(MapNode map, DiagnosticSink sink)
    {
        string? lattice = sink.Text(map, "lattice", "lattice: estream.iot.telemetry");
        if (lattice is not null && !NameRule.IsDottedName(lattice))
        {
            sink.Report(DiagnosticCodes.Address, map.Find("lattice")!, Messages.BadLattice(lattice));
        }

        return lattice;
    }

    private static TimeSpan? ReadRetention(SourceNode? node, DiagnosticSink sink)
    {
        if (node is null || sink.AsMap(node, "'retention'", RetentionExample) is not MapNode map)
        {
            return null;
        }

        if (!sink.OnlyKeys(map, "'retention'", "duration_days", "duration_hours", "duration_minutes"))
        {
            return null;
        }

        if (map.Entries.Count == 1 && map.Entries[0].Value is ScalarNode value
            && long.TryParse(value.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long count) && count is > 0
                and < int.MaxValue)
        {
            TimeSpan duration = map.Entries[0].Key.Value switch
            {
                "duration_days" when count <= MaxRetentionDays => TimeSpan.FromDays(count),
                "duration_hours" => TimeSpan.FromHours(count),
                "duration_minutes" => TimeSpan.FromMinutes(count),
                _ => TimeSpan.MaxValue,
            };
            if (duration <= TimeSpan.FromDays(MaxRetentionDays))
            {
                return duration;
            }
        }

        sink.Report(DiagnosticCodes.Retention, map, Messages.Retention());
        return null;
    }
}
