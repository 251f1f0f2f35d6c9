using System.Text.Json;

namespace Estream.Scenarios.Harness;

/// <summary>
/// The rows as a JSON array. Every row has scenario, implementation, case, unit, median, min, max and runs; p50, p99
/// and p999 (ns) and allocatedPerOp (bytes) are there where they were measured.
/// </summary>
internal static class JsonRows
{
    /// <summary>Refuses a file that cannot be written, before anything is measured for it.</summary>
    public static void RequireWritable(string file)
    {
        string fresh = FreshPath(file);
        File.Create(fresh).Dispose();
        File.Delete(fresh);
    }

    /// <summary>Writes beside the file and renames, so that a reader never sees half an array.</summary>
    public static void Write(string file, IReadOnlyList<Row> rows)
    {
        string fresh = FreshPath(file);
        using (FileStream stream = File.Create(fresh))
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartArray();
            foreach (Row row in rows)
            {
                WriteRow(json, row);
            }

            json.WriteEndArray();
        }

        File.Move(fresh, file, overwrite: true);
    }

    private static string FreshPath(string file)
    {
        string path = Path.GetFullPath(file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path + ".new";
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
        WriteOptional(json, "allocatedPerOp", row.AllocatedPerOperation);
        json.WriteEndObject();
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
