using System.Text.Json;
using System.Text.RegularExpressions;
using Estream.Testing;

namespace Estream.Journeys;

/// <summary>The journey of a defect report: record the traffic of third-party devices to a host, and replay it to another host, which then
/// stores the same messages in the same order.</summary>
public sealed class RecordAndReplayTests
{
    private const string Client = "mosquitto_pub";
    private const int Devices = 3;
    private const int Messages = 20;

    private const string Configuration = """
        {"Estream":{"Queues":{"telemetry":{}},
         "Adapters":{"devices":{"Type":"mqtt-endpoint",
           "Mappings":[{"Topic":"devices/{device_id}/telemetry","Schema":"IoTTelemetry","Queue":"telemetry"}]}}}}
        """;

    [PeerFact(Client, "mosquitto-clients")]
    public void Replayed_recording_stores_the_same_messages_in_another_host()
    {
        using TempDirectory place = new();
        string configuration = place.Combine("estream.json");
        File.WriteAllText(configuration, Configuration);
        string recording = place.Combine("recording");
        using HostProcess first = HostProcess.Start(place.Combine("first"), configFile: configuration).WaitUntilReady();
        using (ChildProcess record = ChildProcess.StartDotnet(
            BuiltProgram.Cli, ["wire", "record", "--to", $"127.0.0.1:{first.MqttPort}", "--queue", recording, "--protocol", "mqtt"]))
        {
            record.WaitForText("forwarding to ");
            string port = Regex.Match(record.Output, "listening on 127.0.0.1:([0-9]+),").Groups[1].Value;
            for (int device = 0; device < Devices; device++)
            {
                Publish(port, device);
            }

            record.Signal("TERM");
            Assert.Contains($"recorded {Devices} connections: ", record.WaitForExit().EnsureSuccess().Output, StringComparison.Ordinal);
        }

        Assert.Equal(0, first.Stop().ExitCode);
        using HostProcess second = HostProcess.Start(place.Combine("second"), configFile: configuration).WaitUntilReady();
        ProcessResult replayed = ChildProcess.Run("dotnet",
            [BuiltProgram.Cli, "wire", "replay", "--queue", recording, "--to", $"127.0.0.1:{second.MqttPort}", "--expect"]);
        Assert.Contains($"replayed {Devices} connections: ", replayed.EnsureSuccess().Output, StringComparison.Ordinal);
        Assert.Equal(0, second.Stop().ExitCode);

        string[] sent = Stored(place.Combine("first"));
        Assert.Equal(Devices * Messages, sent.Length);
        Assert.Equal(sent, Stored(place.Combine("second")));
    }

    /// <summary>One client that publishes several messages at QoS 1.</summary>
    private static void Publish(string port, int device)
    {
        using ChildProcess client = ChildProcess.Start(
            Peer.Require(Client, "mosquitto-clients"),
            ["-V", "5", "-h", "127.0.0.1", "-p", port, "-q", "1", "-i", $"pump-{device}", "-t", $"devices/pump-{device}/telemetry", "-l"]);
        for (int number = 0; number < Messages; number++)
        {
            client.Input.Write($$"""{"timestamp":{{number}},"metric_name":"flow","value":{{device}}}""" + "\n");
        }

        client.Input.Close();
        client.WaitForExit().EnsureSuccess();
    }

    private static string[] Stored(string data)
    {
        ProcessResult tail = ChildProcess.Run(
            "dotnet", [BuiltProgram.Cli, "tail", "telemetry", "--from", "start", "--json"],
            environment: new Dictionary<string, string?> { ["ESTREAM_DATA"] = data });
        return [.. tail.EnsureSuccess().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Message)];
    }

    private static string Message(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty("message").GetRawText();
    }
}
