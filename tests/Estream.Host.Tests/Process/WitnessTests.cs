using System.Net;
using System.Text.Json;
using Estream.Crypto;
using Estream.Queue;
using Estream.Testing;
using Estream.Witness;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: all messages of a witnessed queue are attested despite crashes and stops, and a contradiction to the attestations stops
/// only the witness.</summary>
[Collection(ProcessCollection.Name)]
public sealed class WitnessTests
{
    [Fact]
    public void An_invalid_witness_key_is_reported_as_one_error()
    {
        using HostFiles files = new();
        string key = Configure(files);
        File.WriteAllText(key, "no key");
        using HostProcess host = files.Start();
        ProcessResult end = host.Process.WaitForExit();
        Assert.Equal(2, end.ExitCode);
        Assert.Contains(key, Assert.Single(end.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.DoesNotContain("no key\n", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_attests_all_messages_and_a_host_with_another_key_continues_the_attestations()
    {
        using HostFiles files = new();
        string key = Configure(files, more: ",\"MaxDelayMs\":86400000");
        using MlDsa87PrivateKey first = MlDsa87.Import(key);
        await SendAsync(files, "d", 30);

        // MaxDelayMs is one day, so no attestation was due before the host stopped. The stop attested the messages.
        WitnessVerification whole = Verify(files, first.PublicKey);
        Assert.True(whole.IsWhole, whole.ToString());
        Assert.Equal((30, 0), (whole.Messages, whole.Unattested));

        string earlier = key + ".pub";
        first.PublicKey.Save(earlier);
        File.Delete(key);
        _ = Configure(files, more: $",\"EarlierKeys\":[{JsonSerializer.Serialize(earlier)}]");
        using MlDsa87PrivateKey second = MlDsa87.Import(key);
        await SendAsync(files, "e", 10);
        Assert.Equal(40, Verify(files, first.PublicKey, second.PublicKey).Messages);
        Assert.False(Verify(files, second.PublicKey).IsWhole);
    }

    [Fact]
    public async Task Every_message_is_attested_once_after_crashes_under_load()
    {
        using HostFiles files = new();
        string key = Configure(files, more: ",\"MaxMessages\":50,\"MaxDelayMs\":5");
        Random random = new(11);
        (int http, int mqtt) = (FreePort.Next(), FreePort.Next());
        for (int kill = 0; kill < LongRun.Count(4, 60); kill++)
        {
            using HostProcess host = files.Start(http, mqtt).WaitUntilReady();
            AcknowledgedLoad load = new(mqtt, $"r{kill}", devices: 20, messagesPerSecond: 20_000);
            await load.KillAsync(host, random.Next(400));
        }

        using HostProcess last = files.Start(http, mqtt).WaitUntilReady();
        int messages = files.Count("telemetry");
        Assert.True(messages > 200, "there was no load to speak of");
        string metrics = "";
        Eventually.True(() => (metrics = last.Get("/metrics"))
            .Contains($"estream_witness_attested_total{{queue=\"telemetry\"}} {messages}", StringComparison.Ordinal)
            && metrics.Contains("estream_witness_waiting{queue=\"telemetry\"} 0", StringComparison.Ordinal),
            "all is attested");
        Assert.Contains("estream_witness_running{queue=\"telemetry\"} 1", metrics, StringComparison.Ordinal);
        using JsonDocument overview = JsonDocument.Parse(last.Get("/api/overview"));
        JsonElement witness = Assert.Single(overview.RootElement.GetProperty("witnesses").EnumerateArray());
        Assert.Equal("telemetry running ",
            $"{witness.GetProperty("queue").GetString()} {witness.GetProperty("state").GetString()} "
            + $"{witness.GetProperty("detail").GetString()}");
        Assert.Equal((messages, 0), (witness.GetProperty("attestedTotal").GetInt64(), witness.GetProperty("waiting").GetInt64()));
        Assert.InRange(witness.GetProperty("lastAttestedAt").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddHours(-1),
            DateTimeOffset.UtcNow.AddHours(1));
        using MlDsa87PrivateKey signer = MlDsa87.Import(key);
        WitnessVerification whole = Verify(files, signer.PublicKey);
        Assert.True(whole.IsWhole, whole.ToString());
        Assert.Equal((messages, 0), (whole.Messages, whole.Unattested));
        RequireProofsOf(last, files, signer);
    }

    // The command line downloads proofs of the host, and verifies them with the public key.
    private static void RequireProofsOf(HostProcess host, HostFiles files, MlDsa87PrivateKey signer)
    {
        string folder = Path.GetDirectoryName(files.Config)!;
        string key = Path.Combine(folder, "trusted.pub"), proof = Path.Combine(folder, "proof");
        signer.PublicKey.Save(key);
        foreach (string[] wanted in new string[][] { ["--sequence", "0"], ["--from", "0"] })
        {
            string[] prove = ["witness", "prove", "telemetry", .. wanted, "--host", host.Address, "--key", key, "--out", proof];
            foreach (string[] command in new[] { prove, ["witness", "verify", proof, "--key", key] })
            {
                ProcessResult result = ChildProcess.Run("dotnet", [BuiltProgram.Cli, .. command]).EnsureSuccess();
                Assert.StartsWith("good: ", result.Output, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_replaced_queue_stops_only_its_witness()
    {
        using HostFiles files = new();
        string key = Configure(files);
        await SendAsync(files, "d", 10);
        Directory.Delete(Path.Combine(files.Data, "queues", "telemetry"), recursive: true);
        string[] before = Attestations(files);

        using HostProcess host = files.Start();
        Eventually.True(() =>
            host.Health() == HttpStatusCode.ServiceUnavailable && host.Process.Output.Contains("Ready", StringComparison.Ordinal),
            "the host is up, and degraded");
        await using (AcknowledgedLoad load = new(host.MqttPort, "e", devices: 2, maxMessages: 20))
        {
            await load.Completion;
            Assert.Equal(20, load.Acknowledged);
        }

        host.Process.WaitForText("Queue telemetry is not attested");

        // The overview and the metrics are sampled; the health is not.
        Eventually.True(
            () => host.Get("/metrics").Contains("estream_witness_running{queue=\"telemetry\"} 0", StringComparison.Ordinal)
                && host.Get("/api/overview").Contains(
                    "\"queue\":\"telemetry\",\"state\":\"failing\",\"detail\":\"", StringComparison.Ordinal),
            "overview and metrics show the failure");
        host.Stop();
        Assert.Equal(before, Attestations(files));
        Assert.Equal(20, files.Count("telemetry"));
    }

    private static string Configure(HostFiles files, string more = "")
    {
        string key = Path.Combine(Path.GetDirectoryName(files.Config)!, "witness.key");
        using (MlDsa87PrivateKey made = MlDsa87PrivateKey.Generate())
        {
            made.Save(key);
        }

        string config = File.ReadAllText(files.Config);
        int at = config.IndexOf("\"SegmentBytes\":", StringComparison.Ordinal);
        int end = config.IndexOf("},\"dead-letters\"", at, StringComparison.Ordinal);
        File.WriteAllText(files.Config,
            $$"""{{config[..at]}}"SegmentBytes":262144,"Witness":{"KeyFile":{{JsonSerializer.Serialize(key)}}{{more}}}{{config[end..]}}""");
        return key;
    }

    private static async Task SendAsync(HostFiles files, string prefix, int messages)
    {
        using HostProcess host = files.Start().WaitUntilReady();
        await using AcknowledgedLoad load = new(host.MqttPort, prefix, devices: 2, maxMessages: messages);
        await load.Completion;
        Assert.Equal(0, host.Stop().ExitCode);
    }

    private static WitnessVerification Verify(HostFiles files, params IVerifier[] keys)
    {
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(Path.Combine(files.Data, "queues", "telemetry"));
        using EstreamQueue attestations = EstreamQueue.OpenReadOnly(Path.Combine(files.Data, "queues", "telemetry.witness"));
        return WitnessVerifier.Verify(queue, attestations, keys);
    }

    private static string[] Attestations(HostFiles files)
    {
        List<string> entries = [];
        files.Read("telemetry.witness", message => entries.Add(Convert.ToHexString(message.Payload)));
        return [.. entries];
    }
}
