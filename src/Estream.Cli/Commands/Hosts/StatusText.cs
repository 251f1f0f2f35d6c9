using System.Globalization;
using System.Text.Json;
using Estream.Cli.Output;

namespace Estream.Cli.Commands.Hosts;

/// <summary>Writes the answers of <c>/health</c> and <c>/api/overview</c> as text.</summary>
internal static class StatusText
{
    public static void Write(LineWriter lines, JsonElement health, JsonElement overview)
    {
        TimeSpan uptime = TimeSpan.FromSeconds(overview.GetProperty("uptimeSeconds").GetDouble());
        lines.WriteLine($"estream {Text(overview, "version")}: {Text(health, "status")}, up {Quantity.Duration(uptime)}");
        foreach (string reason in Reasons(health))
        {
            lines.WriteLine("    " + reason);
        }

        WriteTable(lines, overview, "adapters", new TextTable("adapter", "state", "type", ">connections", ">received", ">rejected"),
            static one => [Text(one, "name"), Text(one, "state"), Text(one, "type"), Number(one, "connections"),
                Number(one, "receivedTotal"), Number(one, "rejectedTotal")]);
        WriteTable(lines, overview, "queues", new TextTable("queue", ">messages", ">per second", ">size", "durability"),
            static one => [Text(one, "name"), Number(one, "messages"), Rate(one), Bytes(one, "bytes"), Text(one, "durability")]);
        WriteRest(lines, overview, "queues", "queueCount", "'estream queue list' lists all");
        WriteTable(lines, overview, "maps", new TextTable("map", ">entries", ">per second", "queue", "schema"),
            static one => [Text(one, "name"), Number(one, "entries"), Rate(one), Text(one, "queue"), Text(one, "schema")]);
        WriteRest(lines, overview, "maps", "mapCount", "these are the busiest");
        WriteTable(lines, overview, "pipelines", new TextTable("pipeline", "state", ">read", ">per second", ">lag", "queue", "output"),
            static one => [Text(one, "name"), Text(one, "state"), Number(one, "readTotal"), Rate(one), Bytes(one, "lagBytes"),
                Text(one, "queue"), Text(one, "output")]);
        WriteTable(lines, overview, "replication", new TextTable("replicated", "role", "state", ">lag", ">lag seconds"),
            static one => [$"{Text(one, "kind")} {Text(one, "queue")}", Text(one, "role"), Text(one, "state"),
                Number(one, "lagMessages"), one.GetProperty("lagSeconds").GetDouble().ToString("0.#", CultureInfo.InvariantCulture)]);
    }

    private static void WriteTable(LineWriter lines, JsonElement overview, string list, TextTable table, Func<JsonElement, string[]> cells)
    {
        if (!overview.TryGetProperty(list, out JsonElement all) || all.GetArrayLength() == 0)
        {
            return;
        }

        foreach (JsonElement one in all.EnumerateArray())
        {
            table.Add(Text(one, "detail"), cells(one));
        }

        lines.EndLine();
        table.Write(lines);
    }

    // The overview of a host with many queues has only some of them.
    private static void WriteRest(LineWriter lines, JsonElement overview, string list, string count, string advice)
    {
        if (overview.TryGetProperty(count, out JsonElement all) && overview.TryGetProperty(list, out JsonElement shown)
            && all.GetInt32() > shown.GetArrayLength())
        {
            lines.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"    {shown.GetArrayLength()} of {all.GetInt32()} {list}; {advice}"));
        }
    }

    // The adapters have a separate table. Each other member is a text or a list of parts. A part with a state is listed only if the part
    // is not running.
    private static IEnumerable<string> Reasons(JsonElement health)
    {
        foreach (JsonProperty member in health.EnumerateObject().Where(member => member.Name is not ("status" or "adapters")))
        {
            if (member.Value.ValueKind == JsonValueKind.String)
            {
                yield return $"{member.Name}: {member.Value.GetString()}";
            }
            else if (member.Value.ValueKind == JsonValueKind.Array)
            {
                foreach (JsonElement one in member.Value.EnumerateArray().Where(one => Text(one, "state") != "running"))
                {
                    yield return $"{member.Name}: {string.Join(": ", Texts(one))}";
                }
            }
        }
    }

    private static IEnumerable<string> Texts(JsonElement part) => part.ValueKind == JsonValueKind.Object
        ? part.EnumerateObject().Where(one => one.Value.ValueKind == JsonValueKind.String && one.Value.GetString()!.Length > 0)
            .Select(one => one.Value.GetString()!)
        : [part.ToString()];

    private static string Text(JsonElement one, string name) =>
        one.TryGetProperty(name, out JsonElement text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "";

    private static string Number(JsonElement one, string name) => one.GetProperty(name).GetInt64().ToString(CultureInfo.InvariantCulture);

    private static string Bytes(JsonElement one, string name) => Quantity.Bytes(one.GetProperty(name).GetInt64());

    private static string Rate(JsonElement one) => Quantity.Rate(one.GetProperty("ratePerSecond").GetDouble());
}
