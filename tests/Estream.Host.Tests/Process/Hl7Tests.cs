using System.Globalization;
using System.Text;
using System.Text.Json;
using Estream.Esf;
using Estream.Testing;
using Estream.Wire.Hl7;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Goal: a host stores what hospital systems send over MLLP, loses nothing that it has acknowledged, and sends stored messages on. Method:
/// python3-hl7 sends admissions. The host is killed with SIGKILL while it stores them, and restarted. A second listener of the host
/// receives what its client sends.
/// </summary>
[Collection(ProcessCollection.Name)]
public sealed class Hl7Tests : IDisposable
{
    private const string Python = "/usr/bin/python3";

    private readonly HostFiles _files = new();
    private readonly int _port = FreePort.Next();
    private readonly int _receiverPort = FreePort.Next();

    private string Place => Path.GetDirectoryName(_files.Config)!;

    private HostSecrets Secrets => new(_files);

    public void Dispose() => _files.Dispose();

    [PeerFact("mllp_send", "python3-hl7")]
    public void Messages_are_stored_for_their_audiences_and_sent_on()
    {
        Configure();
        using HostProcess host = _files.Start().WaitUntilReady();
        Assert.Equal(["1", "2", "3"], Lines(Load(first: 1, count: 3).WaitForExit().EnsureSuccess()));
        Eventually.True(() => _files.Count("received") == 3, "the receiver has the messages");
        string metrics = "", overview = host.Get("/api/overview");
        Eventually.True(() => (metrics = host.Get("/metrics")).Contains("estream_hl7_sent_total{adapter=\"lab\"} 3",
            StringComparison.Ordinal), "the client has counted the acknowledgements");
        string shown = host.Get("/api/queues/hl7/messages") + host.Get("/api/queues/patients/messages") + overview + metrics;
        ProcessResult end = host.Stop();

        Assert.Equal(0, end.ExitCode);
        Assert.Contains("estream_hl7_received_total{adapter=\"adt\"} 3", metrics, StringComparison.Ordinal);
        Assert.Contains("hl7-listener", overview, StringComparison.Ordinal);
        Assert.Contains("hl7-client", overview, StringComparison.Ordinal);
        Assert.DoesNotContain(Hl7Sample.FamilyName, shown + end.Output + end.Error, StringComparison.Ordinal);
        Assert.All(Secrets.Open("patients", Hl7Schemas.Own, "FhirPatient", "provider"),
            patient => Assert.Contains(Hl7Sample.FamilyName, patient, StringComparison.Ordinal));
        Assert.Equal(
            Enumerable.Range(1, 3).Select(number => Convert.ToHexStringLower(Hl7Sample.Admission(number))),
            Secrets.Open("hl7", Hl7Schemas.Own, "Hl7Message", "auditor").Select(MessageOf));
        Assert.All(Directory.EnumerateFiles(_files.Data, "*", SearchOption.AllDirectories), AssertNoName);
    }

    [PeerFact("mllp_send", "python3-hl7")]
    public void Kill_9_loses_no_acknowledged_message()
    {
        Configure();
        int kills = LongRun.Count(3, 40);
        List<string> acknowledged = [];
        for (int killed = 0; killed < kills; killed++)
        {
            using HostProcess host = _files.Start().WaitUntilReady();
            using ChildProcess load = Load(first: acknowledged.Count, count: 1_000_000);
            Eventually.True(() => load.Output.Count(one => one == '\n') > 50, "messages are acknowledged");
            host.Kill();
            acknowledged.AddRange(Lines(load.WaitForExit()));
        }

        using (HostProcess last = _files.Start().WaitUntilReady())
        {
            Assert.Equal(0, last.Stop().ExitCode);
        }

        HashSet<string> stored = [.. Secrets.Open("headers", Hl7Schemas.Own, "Hl7Header").Select(header =>
            JsonDocument.Parse(header).RootElement.GetProperty("control_id").GetString()!)];
        Assert.Empty(acknowledged.Except(stored));
        Assert.True(acknowledged.Count > 50 * kills, $"only {acknowledged.Count} messages were acknowledged");
        Assert.Equal(0, _files.Count("dead-letters"));
    }

    [Theory]
    [InlineData("\"Port\":70000", "Estream:Adapters:adt:Port")]
    [InlineData("\"Address\":\"0.0.0.0\"", "MLLP has no login")]
    [InlineData("\"DefaultOffset\":\"1h\"", "an offset from UTC")]
    public void An_error_in_the_settings_is_reported_before_anything_is_opened(string setting, string error)
    {
        Configure(setting);
        using HostProcess host = HostProcess.Start(_files.Data, configFile: _files.Config);

        ProcessResult end = host.Process.WaitForExit();
        Assert.Equal(2, end.ExitCode);
        Assert.Contains(error, end.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_files.Data));
    }

    private static string[] Lines(ProcessResult load) => load.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string MessageOf(string json)
    {
        using JsonDocument message = JsonDocument.Parse(json);
        return message.RootElement.GetProperty("message").GetString()!;
    }

    private static void AssertNoName(string file)
    {
        if (file.EndsWith(".lock", StringComparison.Ordinal))
        {
            return;
        }

        Assert.True(File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(Hl7Sample.FamilyName)) < 0, file);
    }

    private ChildProcess Load(int first, int count) => ChildProcess.Start(
        Python,
        [RepositoryRoot.Combine("tests", "Estream.Host.Tests", "Process", "Support", "hl7_load.py"),
            _port.ToString(CultureInfo.InvariantCulture), first.ToString(CultureInfo.InvariantCulture),
            count.ToString(CultureInfo.InvariantCulture)]);

    private void Configure(string? setting = null)
    {
        Secrets.Make("provider", "auditor");
        string pseudonyms = Path.Combine(Place, "hl7.key");
        SecretFiles.Write(pseudonyms, "0123456789abcdef0123456789abcdef\n");
        string listener = setting ?? $"\"Port\":{_port}";
        File.WriteAllText(_files.Config, $$$$$"""
            {"Estream":{
              "Privacy":{"Keys":{{{{{JsonSerializer.Serialize(Secrets.Keys)}}}}}},
              "Queues":{"hl7":{},"headers":{},"patients":{},"received":{},"dead-letters":{"SegmentBytes":131072}},
              "Maps":{"current":{"Queue":"patients","Schema":"FhirPatient","Key":"id"}},
              "Adapters":{
               "adt":{"Type":"hl7-listener",{{{{{listener}}}}},"PseudonymKeyFile":{{{{{JsonSerializer.Serialize(pseudonyms)}}}}},
                "Mappings":[{"Schema":"Hl7Message","Queue":"hl7"},{"Schema":"Hl7Header","Queue":"headers"},
                  {"Schema":"FhirPatient","Messages":"ADT/+","Queue":"patients"}]},
               "lab":{"Type":"hl7-client","Host":"127.0.0.1","Port":{{{{{_receiverPort}}}}},"MaxReconnectSeconds":1,
                "Egress":[{"Queue":"hl7","Schema":"Hl7Message","Keys":{{{{{JsonSerializer.Serialize(Secrets.Keys)}}}}}}]},
               "receiver":{"Type":"hl7-listener","Port":{{{{{_receiverPort}}}}},
                "Mappings":[{"Schema":"Hl7Header","Queue":"received"}]}}}}
            """);
    }
}
