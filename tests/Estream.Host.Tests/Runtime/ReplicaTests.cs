using System.Text;
using Estream.Circuits;
using Estream.Esf;
using Estream.Host.Http;
using Estream.Host.Tests.Process;
using Estream.Map;
using Estream.Queue;
using Estream.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Estream.Host.Tests.Runtime;

/// <summary>Goal: a host runs operations by events, and keeps replicas of queues and maps up to date.</summary>
[Collection(ProcessCollection.Name)]
public sealed class ReplicaTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private static EsfSchema Telemetry => EsfSchemaSet.BuiltIn.TryGet("IoTTelemetry", out EsfSchema? schema) ? schema : null!;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Replicas_of_a_queue_and_a_map_follow_their_sources_across_restarts()
    {
        Write(0, 50);
        for (int run = 1; run <= 2; run++)
        {
            using IHost host = Build(estream => estream
                .AddQueueReplica("orders-copy", "telemetry", _directory.Combine("mirror"))
                .AddMapReplica("latest-copy", "latest", _directory.Combine("mirror")));
            await host.StartAsync();
            IHostView view = host.Services.GetRequiredService<IHostView>();
            Eventually.True(() => view.Health is { Status: "ready", Replicas.Count: 2 }, "the host is ready");
            Eventually.True(() => Messages("mirror/queues/orders-copy").Count == 50 * run, "the queue is replicated");
            Eventually.True(() => view.Overview.Replicas.All(replica => replica is { State: "running", LagMessages: 0 }), "no lag is left");

            // The lag of a map is not measured, and a stop does not wait for its replica.
            Eventually.True(() => Entries("mirror/maps/latest-copy").SequenceEqual(Entries("data/maps/latest")), "the map is replicated");
            await host.StopAsync();
            if (run == 1)
            {
                // The adapters of a running host hold the right to append.
                Write(50, 50);
            }
        }

        Assert.Equal(Messages("data/queues/telemetry"), Messages("mirror/queues/orders-copy"));
        Eventually.True(() => Entries("mirror/maps/latest-copy").SequenceEqual(Entries("data/maps/latest")), "the maps are equal");
        Assert.Equal(10, Entries("mirror/maps/latest-copy").Count);
    }

    [Fact]
    public async Task A_map_replica_has_entries_whose_messages_were_deleted()
    {
        Write(0, 50);
        using (IHost host = Build(_ => { }))
        {
            await host.StartAsync();
            await host.StopAsync();
        }

        using (EstreamQueue queue = EstreamQueue.Open(_directory.Combine("data", "queues", "telemetry")))
        {
            // Fills more than a segment with one device, so retention can delete the messages of all others.
            using QueueAppender appender = queue.CreateAppender();
            byte[] message = Message(0);
            for (long bytes = 0; bytes < 2 * queue.SegmentBytes; bytes += message.Length)
            {
                appender.Append(message);
            }
        }

        using (IHost host = Build(_ => { }))
        {
            await host.StartAsync();
            await host.StopAsync();
        }

        using (EstreamQueue queue = EstreamQueue.Open(_directory.Combine("data", "queues", "telemetry")))
        {
            Assert.True(queue.ApplyRetention(queue.SegmentBytes, TimeSpan.Zero).Segments > 0);
        }

        using (IHost host = Build(estream => estream.AddMapReplica("late", "latest", _directory.Combine("mirror"))))
        {
            await host.StartAsync();
            await host.StopAsync();
        }

        Assert.Equal(Entries("data/maps/latest"), Entries("mirror/maps/late"));
        Assert.Equal(10, Entries("mirror/maps/late").Count);
    }

    [Fact]
    public async Task A_replica_that_fails_degrades_the_host_until_it_works()
    {
        Write(0, 10);
        string target = _directory.Combine("mirror", "queues", "copy");
        using (EstreamQueue foreign = EstreamQueue.Open(target))
        {
            using QueueAppender appender = foreign.CreateAppender();
            appender.Append([1]);
        }

        using IHost host = Build(estream => estream.AddQueueReplica("copy", "telemetry", _directory.Combine("mirror")));
        await host.StartAsync();
        IHostView view = host.Services.GetRequiredService<IHostView>();
        Eventually.True(() => view.Health.Status == "degraded", "the replica fails");
        Assert.Contains("copy", Assert.Single(view.Health.Replicas!).Detail, StringComparison.Ordinal);
        Directory.Move(target, target + ".other");
        Eventually.True(() => view.Health.Status == "ready", "the replica works");
        await host.StopAsync();
    }

    [Fact]
    public async Task An_operation_circuit_executes_the_requests_in_its_queue()
    {
        Circuit put = Circuit.Load(RepositoryRoot.Combine("circuits", "map.put.v1", "map.put.v1.circuit.yaml"));
        using (EstreamQueue requests = EstreamQueue.Open(_directory.Combine("data", "queues", "requests")))
        {
            using QueueAppender appender = requests.CreateAppender();
            appender.Append(Encode(put.Operation!.Request, """{"key":"61","value":"62"}"""));
        }

        using IHost host = Build(estream => estream.AddQueue("requests").AddQueue("results").AddCircuit(put));
        await host.StartAsync();
        IHostView view = host.Services.GetRequiredService<IHostView>();
        Eventually.True(() => Messages("data/queues/results").Count == 1, "the request is executed");
        Assert.Equal("running", Assert.Single(view.Overview.Circuits).State);
        await host.StopAsync();
        using VersionedByteMap state = VersionedByteMap.OpenReadOnly(_directory.Combine("data", "maps", "state"));
        Assert.Equal(1, state.Count);
    }

    [Fact]
    public async Task An_operation_circuit_appends_to_a_queue()
    {
        Circuit append = Circuit.Load(RepositoryRoot.Combine("circuits", "queue.append.v1", "queue.append.v1.circuit.yaml"));
        using (EstreamQueue requests = EstreamQueue.Open(_directory.Combine("data", "queues", "requests")))
        {
            using QueueAppender appender = requests.CreateAppender();
            appender.Append(Encode(append.Operation!.Request, """{"payload":"0102"}"""));
        }

        using IHost host = Build(estream => estream.AddQueue("requests").AddQueue("results").AddQueue("log").AddCircuit(append));
        await host.StartAsync();
        IHostView view = host.Services.GetRequiredService<IHostView>();
        Eventually.True(() => Messages("data/queues/results").Count == 1, "the request is executed");
        Assert.Equal(["0102"], Messages("data/queues/log"));
        Assert.Equal("ready", view.Health.Status);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_category_can_require_approvals()
    {
        Circuit circuit = CircuitReader.Read(
            "escir_version: \"0.8.0\"\nname: acme.beats.v1\nversion: \"1.0.0\"\ninputs: [{ name: often, every: 1s }]\noutputs: [{ name: "
            + "beats, type: estream.system.TimerTick }]\ncompute: [{ id: all, type: filter, when: has(at) }]\nflows: [often -> all -> "
            + "beats]\nannotations: { governance_category: Payments }\n", "beats.circuit.yaml", EsfSchemaSet.BuiltIn,
            _ => EsfSchemaSet.Empty).Circuit!;
        using IHost host = Build(estream =>
            estream.AddQueue("often").AddQueue("beats").AddCircuit(circuit).RequireApprovals("Payments", 2));
        ArgumentException refused = await Assert.ThrowsAsync<ArgumentException>(() => host.StartAsync());
        Assert.Contains("needs 2 approvals and has 0", refused.Message, StringComparison.Ordinal);
    }

    private IHost Build(Action<EstreamBuilder> configure)
    {
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        configure(builder.Services.AddEstream().UseData(_directory.Combine("data")).UseSchemas(EsfSchemaSet.BuiltIn).AddQueue("telemetry")
            .AddMap("latest", queue: "telemetry", schema: "IoTTelemetry", key: "device_id"));
        return builder.Build();
    }

    private void Write(int from, int count)
    {
        using EstreamQueue queue = EstreamQueue.Open(_directory.Combine("data", "queues", "telemetry"));
        using QueueAppender appender = queue.CreateAppender();
        for (int i = from; i < from + count; i++)
        {
            appender.Append(Message(i));
        }
    }

    private static byte[] Message(int number) => Encode(Telemetry,
        $$"""{"device_id":"d{{number % 10}}","timestamp":{{number}},"metric_name":"t","value":{{number}}}""");

    private static byte[] Encode(EsfSchema schema, string json)
    {
        byte[] buffer = new byte[4_096];
        EsfStatus status = EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes(json), buffer, out int length);
        Assert.True(status.IsOk, status.ToString());
        return buffer[..length];
    }

    private List<string> Messages(string queue)
    {
        if (!File.Exists(_directory.Combine(queue, "queue.meta")))
        {
            return [];
        }

        using EstreamQueue log = EstreamQueue.OpenReadOnly(_directory.Combine(queue));
        using QueueTailer tailer = log.CreateTailer();
        List<string> messages = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            messages.Add(Convert.ToHexString(message.Payload));
        }

        return messages;
    }

    private List<string> Entries(string directory)
    {
        using StateMap<Utf8Key64, LatestEntry> map = StateMap.OpenReadOnly<Utf8Key64, LatestEntry>(_directory.Combine(directory));
        List<string> entries = [];
        foreach ((Utf8Key64 key, LatestEntry entry) in map)
        {
            entries.Add($"{key}={entry.Position} {Convert.ToHexString(entry.Message)}");
        }

        return [.. entries.Order(StringComparer.Ordinal)];
    }
}
