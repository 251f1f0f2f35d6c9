using System.Text.Json;
using Estream.Testing;

namespace Estream.Journeys;

/// <summary>The journey of a custom schema: the host reads the schema file named in its configuration, and the command line finds the
/// schema in the data directory.</summary>
public sealed class OwnSchemaTests
{
    private const string Client = "mosquitto_pub";

    private const string Schema = """
        version: "1.0"
        namespace: plant.meters
        schemas:
          MeterReading:
            description: "What a meter shows"
            lattice: plant.meters.reading
            fields:
              meter: { type: string(32) }
              kwh: { type: f64 }
        """;

    private const string Configuration = """
        {"Estream":{"Schemas":["SCHEMA"],"Queues":{"meters":{}},
         "Maps":{"newest":{"Queue":"meters","Schema":"MeterReading","Key":"meter"}},
         "Adapters":{"meters":{"Type":"mqtt-endpoint",
           "Mappings":[{"Topic":"meters/{meter}","Schema":"MeterReading","Queue":"meters"}]}}}}
        """;

    [PeerFact(Client, "mosquitto-clients")]
    public void Configured_schema_is_used_for_ingress_and_decoded_without_its_file()
    {
        using TempDirectory place = new();
        string schema = place.Combine("meters.esf.yaml");
        string configuration = place.Combine("estream.json");
        string data = place.Combine("data");
        File.WriteAllText(schema, Schema);
        File.WriteAllText(configuration, Configuration.Replace("SCHEMA", schema, StringComparison.Ordinal));
        using (HostProcess host = HostProcess.Start(data, configFile: configuration).WaitUntilReady())
        {
            string[] publish =
                ["-V", "5", "-h", "127.0.0.1", "-p", $"{host.MqttPort}", "-q", "1", "-t", "meters/north-7", "-m", """{"kwh":249.25}"""];
            ChildProcess.Run(Peer.Require(Client, "mosquitto-clients"), publish).EnsureSuccess();
            Assert.Equal(0, host.Stop().ExitCode);
        }

        File.Delete(schema);
        const string Message = """{"meter":"north-7","kwh":249.25}""";
        Assert.Equal(("MeterReading", Message), Shown(Estream(data, "tail", "meters", "--json")));
        Assert.Equal(("MeterReading", Message), Shown(Estream(data, "map", "get", "newest", "north-7", "--json")));
        Assert.Contains("field   kwh    f64", Estream(data, "schema", "show", "MeterReading"), StringComparison.Ordinal);
    }

    private static (string? Schema, string Message) Shown(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        return (document.RootElement.GetProperty("schema").GetString(), document.RootElement.GetProperty("message").GetRawText());
    }

    private static string Estream(string data, params string[] arguments) =>
        ChildProcess.Run("dotnet", [BuiltProgram.Cli, .. arguments],
            environment: new Dictionary<string, string?> { ["ESTREAM_DATA"] = data }).EnsureSuccess().Output;
}
