using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Estream.Host.Tests.Process;
using Estream.Host.Tests.Runtime.Reload;
using Estream.Testing;

namespace Estream.Host.Tests.Http;

/// <summary>Goal: the schemas of a host are described with their fields and queues.</summary>
[Collection(ProcessCollection.Name)]
public sealed class SchemaDescriptionTests
{
    private const string Doors = """
        version: "1.0"
        namespace: acme.doors
        enums: { DoorState: { values: [Open, Closed] } }
        schemas:
          Opened:
            description: "A door moved"
            pattern: event
            path: /doors/{door_id}
            fields:
              door_id: { type: string(32), description: "The door" }
              state: { type: DoorState }
              person: { type: string(64), optional: true, privacy: { default_level: encrypted, audiences: [{ audience: guards, level: public }] } }
              place: { type: object, optional: true, fields: { floor: { type: i32 } } }
        """;

    [Fact]
    public async Task A_schema_is_described_with_types_privacy_and_the_queues_that_store_it()
    {
        using TempDirectory folder = new();
        string file = folder.Combine("doors.esf.yaml");
        await File.WriteAllTextAsync(file, Doors);
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next(), estream =>
        {
            estream["Schemas"] = new JsonArray(file);
            estream["Maps"] = new JsonObject
            {
                ["latest"] = new JsonObject { ["Queue"] = "telemetry", ["Schema"] = "IoTTelemetry", ["Key"] = "device_id" },
            };
        });
        using HttpClient client = rig.Client;

        JsonElement opened = await ApiRig.JsonAsync(client, "/api/schemas/acme.doors.Opened");

        Assert.Equal(("Opened", "acme.doors", "A door moved"),
            (Text(opened, "name"), Text(opened, "namespace"), Text(opened, "description")));
        Assert.Equal(("event", "/doors/{door_id}", 16), (Text(opened, "pattern"), Text(opened, "path"), Text(opened, "id")!.Length));
        Assert.True(opened.GetProperty("isPrivate").GetBoolean());
        JsonElement[] fields = [.. opened.GetProperty("fields").EnumerateArray()];
        Assert.Equal(["string(32)", "DoorState", "string(64)", "object"], fields.Select(field => Text(field, "type")));
        Assert.Equal("""["Open","Closed"]""", fields[1].GetProperty("values").GetRawText());
        Assert.Equal("""["guards"]""", fields[2].GetProperty("audiences").GetRawText());
        Assert.True(fields[2].GetProperty("isPrivate").GetBoolean() && fields[2].GetProperty("isOptional").GetBoolean());
        Assert.Equal("floor", Text(fields[3].GetProperty("fields")[0], "name"));

        JsonElement[] all = [.. (await ApiRig.JsonAsync(client, "/api/schemas?view=list")).GetProperty("schemas").EnumerateArray()];
        JsonElement telemetry = Assert.Single(all, schema => Text(schema, "name") == "IoTTelemetry");
        Assert.Equal("""["telemetry"]""", telemetry.GetProperty("queues").GetRawText());
        Assert.True(telemetry.GetProperty("isBuiltIn").GetBoolean());
        Assert.Contains(all, schema => Text(schema, "name") == "Opened" && !schema.GetProperty("isBuiltIn").GetBoolean());
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/api/schemas/Nothing")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.GetAsync("/api/schemas?view=tree")).StatusCode);
    }

    private static string? Text(JsonElement json, string member) => json.GetProperty(member).GetString();
}
