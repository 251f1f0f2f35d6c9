using System.Text.Json;

namespace Estream.Scenarios.Harness;

/// <summary>
/// The rows as a JSON array. Every row has scenario, implementation, case, unit, median, min, max and runs; p50, p99,
/// p999 and longest (ns), allocatedPerOp (bytes) and pageFaults are present if they were measured; reference, ratio, ratioMin
/// and ratioMax if there is a reference; must, aim and verdict if there is a target.
/// </summary>
internal static class JsonRows
{
    public static void Write(string file, IReadOnlyList<Row> rows) => FreshFile.Write(file, stream => Write(stream, rows));

    private static void Write(Stream stream, IReadOnlyList<Row> rows)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartArray();
        foreach (Row row in rows)
        {
            WriteRow(json, row);
        }

        json.WriteEndArray();
    }

    private static void WriteRow(Utf8JsonWriter json, Row row)
    {
        json.WriteStartObject();
        json.WriteString("scenario", row.Scenario);
        json.WriteString("implementation", row.Implementation);
        json.WriteString("case", row.Case);
        json.WriteString("unit", row.Unit);
        json.WriteNumber("median", Rounded(row.Median));
        json.WriteNumber("min", Rounded(row.Min));
        json.WriteNumber("max", Rounded(row.Max));
        json.WriteNumber("runs", row.Runs);
        WriteOptional(json, "p50", row.P50);
        WriteOptional(json, "p99", row.P99);
        WriteOptional(json, "p999", row.P999);
        WriteOptional(json, "longest", row.Longest);
        WriteOptional(json, "allocatedPerOp", row.AllocatedPerOperation);
        WriteOptional(json, "pageFaults", row.PageFaults);
        WriteRatio(json, row);
        WriteTarget(json, row);
        json.WriteEndObject();
    }

    private static void WriteRatio(Utf8JsonWriter json, Row row)
    {
        // A ratio is not finite if the reference took less time than the clock can measure.
        if (row.Ratio is { } ratio && double.IsFinite(ratio.Value) && double.IsFinite(ratio.Max))
        {
            json.WriteString("reference", ratio.Reference);
            json.WriteNumber("ratio", Rounded(ratio.Value));
            json.WriteNumber("ratioMin", Rounded(ratio.Min));
            json.WriteNumber("ratioMax", Rounded(ratio.Max));
        }
    }

    private static void WriteTarget(Utf8JsonWriter json, Row row)
    {
        if (row.Target is { } target)
        {
            json.WriteString("must", target.MustText);
            json.WriteString("aim", target.AimText);
            json.WriteString("verdict", target.Judge(row).ToText());
        }
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } present)
        {
            json.WriteNumber(name, Rounded(present));
        }
    }

    private static double Rounded(double value) => Math.Round(value, 4);
}
