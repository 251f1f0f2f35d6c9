using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Estream.Testing;

namespace Estream.Journeys;

/// <summary>The journey of an operator: start the host with the README's command, publish with a third-party client, read the messages with
/// the command line and over REST, and stop the host with a signal.</summary>
public sealed class OperateTheHostTests
{
    private const string Client = "mosquitto_pub";

    private static readonly TimeSpan s_buildLimit = TimeSpan.FromMinutes(8);

    [PeerFact(Client, "mosquitto-clients")]
    public void Host_starts_stores_published_messages_and_stops()
    {
        using TempDirectory place = new();
        Dictionary<string, string?> environment = new()
        {
            ["ESTREAM_HTTP_PORT"] = FreePort.Next().ToString(CultureInfo.InvariantCulture),
            ["ESTREAM_MQTT_PORT"] = FreePort.Next().ToString(CultureInfo.InvariantCulture),
            ["ESTREAM_DATA"] = place.Combine("data"),
        };
        using ChildProcess run = ChildProcess.Start(RepositoryRoot.Combine("run.sh"), ["--no-demo"], place.Path, environment);
        run.WaitForText("Ctrl-C ends it", s_buildLimit);

        using JsonDocument health = Get(environment, "/health");
        Assert.Equal("ready", health.RootElement.GetProperty("status").GetString());
        Publish(environment, "pump-7", """{"timestamp":1700000000000000000,"metric_name":"flow","value":20.5,"quality":99}""");
        Publish(environment, "pump-8", """{"timestamp":1700000000000000001,"metric_name":"flow","value":-1}""");
        Publish(environment, "pump-7", """{"timestamp":1700000000000000002,"metric_name":"flow","value":21.25}""");
        Publish(environment, "pump-9", """{"value":"no number"}""");

        JsonElement[] messages = Lines(Estream(place, environment, "tail", "telemetry", "--from", "start", "--json"));
        Assert.Equal([0L, 1L, 2L], messages.Select(m => m.GetProperty("sequence").GetInt64()));
        Assert.All(messages,
            m => Assert.Equal(["position", "sequence", "time", "schema", "message", "address"], m.EnumerateObject().Select(p => p.Name)));
        Assert.Equal(
            """{"device_id":"pump-7","timestamp":1700000000000000000,"metric_name":"flow","value":20.5,"quality":99}""",
            messages[0].GetProperty("message").GetRawText());

        Eventually.True(
            () =>
            {
                using JsonDocument page = Get(environment, "/api/maps/latest?prefix=pump-7");
                return page.RootElement.GetRawText().Contains("21.25", StringComparison.Ordinal);
            },
            "the map has the last message");
        Assert.Contains("21.25", Estream(place, environment, "map", "get", "latest", "pump-7"), StringComparison.Ordinal);
        using JsonDocument entry = Get(environment, "/api/maps/latest/pump-7");
        Assert.Equal(21.25, entry.RootElement.GetProperty("message").GetProperty("value").GetDouble());
        JsonElement dead = Assert.Single(Lines(Estream(place, environment, "tail", "dead-letters", "--from", "start", "--json")));
        Assert.Equal("devices/pump-9/telemetry", dead.GetProperty("message").GetProperty("topic").GetString());

        run.Signal("TERM");
        ProcessResult end = run.WaitForExit();
        Assert.Equal(0, end.ExitCode);
        Assert.False(IsListening(environment["ESTREAM_HTTP_PORT"]!), "the host outlived its script");
        Assert.False(IsListening(environment["ESTREAM_MQTT_PORT"]!), "the endpoint outlived its script");

        // The stored messages are readable without a host, and from another directory.
        Assert.Equal(3, Lines(Estream(place, environment, "tail", "telemetry", "--from", "start", "--json")).Length);
    }

    private static void Publish(Dictionary<string, string?> environment, string device, string payload) => ChildProcess.Run(
        Peer.Require(Client, "mosquitto-clients"),
        ["-V", "5", "-h", "127.0.0.1", "-p", environment["ESTREAM_MQTT_PORT"]!, "-q", "1", "-t", $"devices/{device}/telemetry", "-m",
            payload]).EnsureSuccess();

    private static string Estream(TempDirectory place, Dictionary<string, string?> environment, params string[] arguments) =>
        ChildProcess.Run(RepositoryRoot.Combine("estream"), arguments, place.Path, environment, s_buildLimit).EnsureSuccess().Output;

    private static JsonElement[] Lines(string output) =>
        [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    private static JsonDocument Get(Dictionary<string, string?> environment, string path)
    {
        using HttpClient client = new();
        using HttpRequestMessage request = new(HttpMethod.Get, $"http://127.0.0.1:{environment["ESTREAM_HTTP_PORT"]}{path}");
        using HttpResponseMessage answer = client.Send(request).EnsureSuccessStatusCode();
        return JsonDocument.Parse(answer.Content.ReadAsStream());
    }

    private static bool IsListening(string port)
    {
        try
        {
            using TcpClient client = new("127.0.0.1", int.Parse(port, CultureInfo.InvariantCulture));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
