using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Estream.Esf;
using Estream.Host.Tests.Components;
using Estream.Marketplace.Publishing;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Modbus;
using Xunit.Abstractions;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Goal: of two hosts that share a data folder, one polls, and no poll is lost or doubled when the other takes over. Method: the active
/// host is killed with SIGKILL at random times, and once stopped, while another waits. In some rounds it hangs before it is killed, and in
/// others it hangs and continues. The standby waits meanwhile, and nothing is stored. At the end, the poll numbers of each device and
/// point in the queue follow each other without a gap.
/// </summary>
[Collection(LongProcessCollection.Name)]
public sealed class StandbyKillTests(ITestOutputHelper output) : IDisposable
{
    private const int Devices = 3;
    private const int MaxLoadMs = 700;
    private const string Takeover = "has ended. This host takes over";

    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(1.5);

    private static readonly EsfSchemaSet s_schemas = EsfSchemaSet.BuiltIn.With(ModbusSchemas.Own);

    private readonly TempDirectory _directory = new();

    private string Data => _directory.Combine("data");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Killing_the_active_host_loses_and_doubles_no_poll()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("ESTREAM_TEST_SEED"), out int given)
            ? given
            : RandomNumberGenerator.GetInt32(int.MaxValue);
        output.WriteLine($"ESTREAM_TEST_SEED={seed} repeats the moments");
        Random random = new(seed);
        using RegisterDevice device = new();
        string config = Configure(device.Port);
        int kills = LongRun.Count(6, 100);
        HostProcess active = HostProcess.Start(Data, configFile: config).WaitUntilReady();
        HostProcess? standby = null;
        try
        {
            for (int round = 0; round < kills; round++)
            {
                standby = HostProcess.Start(Data, configFile: config);
                Eventually.True(() => standby.Process.Output.Contains("Standby: process", StringComparison.Ordinal), "the standby waits");
                int before = Polls().Count;
                Eventually.True(() => Polls().Count > before + Devices, "the active host polls");
                await Task.Delay(random.Next(MaxLoadMs));
                await HangAsync(active, standby, round);
                End(active, isKilled: round != 1);
                active.Dispose();
                (active, standby) = (standby.WaitUntilReady(), null);
                Assert.Contains(Takeover, active.Process.Output, StringComparison.Ordinal);
            }

            standby = HostProcess.Start(Data, configFile: config);
            Eventually.True(() => standby.Process.Output.Contains("Standby: process", StringComparison.Ordinal), "the standby waits");
            Assert.Equal(0, standby.Stop().ExitCode);
            int last = Polls().Count;
            Eventually.True(() => Polls().Count > last + (4 * Devices), "the last host polls");
            Assert.Equal(0, active.Stop().ExitCode);
        }
        finally
        {
            active.Dispose();
            standby?.Dispose();
        }

        AssertWhole(kills);
    }

    /// <summary>Lets a host hang in round 2 of ten, and hang and continue in round 3. The standby must not take over meanwhile, because the
    /// hung host would write after it.</summary>
    private async Task HangAsync(HostProcess host, HostProcess standby, int round)
    {
        if (round % 10 is not (2 or 3))
        {
            return;
        }

        host.Process.Signal("STOP");
        Eventually.True(() => IsStopped(host.Process.Id), "all threads of the host are stopped");
        int stored = Polls().Count;

        // The standby asks for the lease many times, and several polls are due.
        await Task.Delay(s_hang);
        Assert.Equal(stored, Polls().Count);
        Assert.DoesNotContain(Takeover, standby.Process.Output, StringComparison.Ordinal);
        if (round % 10 == 3)
        {
            host.Process.Signal("CONT");
            Eventually.True(() => Polls().Count > stored + Devices, "the active host polls again");
        }
    }

    // The kernel stops the threads of a process one by one, some after the signal was sent.
    private static bool IsStopped(int process)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{process}/task")
                .All(thread => File.ReadAllText(Path.Combine(thread, "stat")).Contains(") T ", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            // A thread has ended meanwhile.
            return false;
        }
    }

    private static void End(HostProcess host, bool isKilled)
    {
        if (isKilled)
        {
            host.Kill();
        }
        else
        {
            Assert.Equal(0, host.Stop().ExitCode);
        }
    }

    private void AssertWhole(int kills)
    {
        List<(string Series, long Number)> polls = Polls();
        foreach (IGrouping<string, long> series in polls.GroupBy(poll => poll.Series, poll => poll.Number))
        {
            long[] numbers = [.. series];
            Assert.Equal(Enumerable.Range(0, numbers.Length).Select(index => numbers[0] + index), numbers);
        }

        Assert.Equal(2 * Devices * 2, polls.DistinctBy(poll => poll.Series).Count());
        output.WriteLine($"{kills} takeovers; {polls.Count} messages of {2 * Devices} polls and their points");
    }

    /// <summary>The number of each message in the order of the queue, with the poll or point that it numbers.</summary>
    private List<(string Series, long Number)> Polls()
    {
        List<(string, long)> polls = [];
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(Path.Combine(Data, "queues", "readings"));
        using QueueTailer tailer = queue.CreateTailer();
        ArrayBufferWriter<byte> json = new();
        while (tailer.TryRead(out QueueMessage message))
        {
            json.ResetWrittenCount();
            Assert.True(s_schemas.TryGet(message.Payload, out EsfSchema? schema));
            Assert.True(EsfJson.WriteJson(schema, message.Payload, json).IsOk);
            using JsonDocument document = JsonDocument.Parse(json.WrittenMemory);
            JsonElement root = document.RootElement;
            string series = root.TryGetProperty("point", out JsonElement point) ? point.GetString()! : $"{root.GetProperty("address")}";
            polls.Add(($"{root.GetProperty("device_id")}/{series}", root.GetProperty("poll_sequence").GetInt64()));
        }

        return polls;
    }

    private string Configure(int port)
    {
        string workspace = _directory.Combine("workspace"), cache = _directory.Combine("cache");
        Directory.CreateDirectory(workspace);
        File.WriteAllText(Path.Combine(workspace, "estream-workspace.toml"), "[license]\ntier = \"commercial\"\n");
        ComponentFolder premium = ComponentFolder.Read(RepositoryRoot.Combine("gateways", "gateway-premium"));
        Assert.True(premium.Package is not null, string.Join('\n', premium.Errors));
        ComponentInstaller.Install(premium.Package, workspace, cache);
        string devices = string.Join(',', Enumerable.Range(0, Devices).Select(device => $$"""
            {"Name":"plc{{device}}","Host":"127.0.0.1","Port":{{port}},"Unit":{{device + 1}},"TimeoutMs":60000,
             "Points":[{"Name":"fast","Address":0,"EveryMs":200},{"Name":"slow","Address":50,"EveryMs":500}]}
            """));
        string config = _directory.Combine("estream.json");
        File.WriteAllText(config, $$$$$"""
            {"Estream":{"Queues":{"readings":{}},"Components":{"Workspace":"{{{{{workspace}}}}}","Cache":"{{{{{cache}}}}}"},
             "Gateway":{"Component":"gateway-premium","Standby":true},
             "Adapters":{"plant":{"Type":"modbus-client","MakeUpMs":60000,"Devices":[{{{{{devices}}}}}],
              "Mappings":[{"Schema":"ModbusReadResponse","Queue":"readings"},{"Schema":"ModbusValue","Queue":"readings"}]}}}}
            """);
        return config;
    }
}
