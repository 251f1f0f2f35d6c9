using System.Net;
using System.Net.Sockets;
using Estream.Client;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Host.Configuration;
using Estream.Host.Http;
using Estream.Host.Remote;
using Estream.Host.Runtime;
using Estream.Host.Tests.Process;
using Estream.Host.Tests.Remote;
using Estream.Queue;
using Estream.Streams;
using Estream.Testing;
using Estream.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Estream.Host.Tests.Runtime;

/// <summary>Goal: the last lines of the log show how the host ended, and the start reports a queue whose retention is blocked.</summary>
[Collection(ProcessCollection.Name)]
public sealed class LifecycleTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly LogLines _log = new();

    public void Dispose()
    {
        _log.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_clean_stop_logs_that_everything_is_stored()
    {
        using IHost host = Build(estream => estream.AddQueue("telemetry").AddMap("latest", "telemetry", "IoTTelemetry", "device_id"));
        await host.StartAsync();
        await host.StopAsync();

        Assert.Equal("Stopped. Everything received is stored.", _log.Last);
    }

    [Fact]
    public async Task An_incomplete_stop_logs_what_was_not_finished()
    {
        using IHost host = Build(estream => estream
            .AddAdapterType(new NonStoppingAdapterFactory())
            .AddWireAdapter("ears", new WireSettings("Adapters:ears", new Dictionary<string, string?> { ["Type"] = "deaf" })));
        await host.StartAsync();
        HostLifecycle lifecycle = host.Services.GetServices<IHostedService>().OfType<HostLifecycle>().Single();

        // The token is already cancelled, so the host does not wait for the adapter to drain.
        await lifecycle.StoppingAsync(new CancellationToken(canceled: true));
        await lifecycle.StoppedAsync(CancellationToken.None);

        Assert.Contains(_log.Lines, line => line.StartsWith("Adapter ears did not drain in time", StringComparison.Ordinal));
        Assert.Equal("Stopped before all adapters and maps were finished; see the previous warnings. Everything acknowledged is "
            + "stored.", _log.Last);
    }

    [Fact]
    public async Task A_host_that_lost_its_lease_stops_adapters_and_refuses_clients_while_connections_are_open()
    {
        NonStoppingAdapterFactory ears = new();
        ClientSettings clients = new() { Maps = new Dictionary<string, ClientMapSettings> { ["settings"] = new(10, null) } };
        using IHost host = Build(estream => estream.AddQueue("telemetry").AddAdapterType(ears)
            .AddWireAdapter("ears", new WireSettings("Adapters:ears", new Dictionary<string, string?> { ["Type"] = "deaf" }))
            .AddClients(clients));
        await host.StartAsync();
        HostState state = host.Services.GetRequiredService<HostState>();
        await using RemoteServer server = new(clients, state,
            new AccessControl(new HttpSettings(IPAddress.Loopback, 0, null), TimeProvider.System), TimeProvider.System,
            host.Services.GetRequiredService<ILogger<RemoteServer>>());
        await using PipedClient client = new(server);
        Assert.Equal(ClientStatus.Ok, await client.PutAsync("settings", "a"));

        HostLifecycle lifecycle = host.Services.GetServices<IHostedService>().OfType<HostLifecycle>().Single();
        lifecycle.Lose(state.Parts!, "The test took the lease.");

        Eventually.True(() => ears.Disposed == 1, "the adapter is stopped, although the host waits for its connections");
        Assert.Equal(ClientStatus.Unavailable, await client.PutAsync("settings", "a"));
        Assert.Equal(ClientStatus.Unavailable, await client.GetAsync("settings", "a"));
        await lifecycle.StoppingAsync(CancellationToken.None);
        await lifecycle.StoppedAsync(CancellationToken.None);
        Assert.Equal(1, ears.Disposed);
    }

    [Fact]
    public async Task A_queue_without_a_readable_end_does_not_prevent_a_clean_stop()
    {
        string directory = _directory.Combine("data", "queues", "telemetry");
        long firstFrame;
        using (EstreamQueue queue = EstreamQueue.Open(directory))
        using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
        {
            firstFrame = appender.Append("a message"u8);
        }

        using IHost host = Build(estream => estream.AddQueue("telemetry").AddMap("latest", "telemetry", "IoTTelemetry", "device_id"));
        await host.StartAsync();
        using (FileStream segment = new(Path.Combine(directory, "000000000000.seg"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            segment.Seek(firstFrame, SeekOrigin.Begin);
            segment.Write(BitConverter.GetBytes(int.MaxValue));
        }

        await host.StopAsync();

        string behind = Assert.Single(_log.Lines,
            line => line.StartsWith("Map latest has not reached the end of queue telemetry", StringComparison.Ordinal));
        Assert.Contains(directory, behind, StringComparison.Ordinal);
        Assert.StartsWith("Stopped before all adapters and maps were finished", _log.Last, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_start_logs_that_everything_is_closed()
    {
        using TcpListener other = new(IPAddress.Loopback, 0);
        other.Start();
        IHost host = Build(estream => estream.AddMqtt().AddWireAdapter("devices", new WireSettings(
            "Adapters:devices",
            new Dictionary<string, string?> { ["Type"] = "mqtt-endpoint", ["Port"] = $"{((IPEndPoint)other.LocalEndpoint).Port}" })));

        await Assert.ThrowsAsync<WireConnectionException>(() => host.StartAsync());
        await ((IAsyncDisposable)host).DisposeAsync();

        Assert.Equal("Closed before the host was ready. Stored data is unchanged.", _log.Last);
    }

    [Fact]
    public async Task A_host_whose_samples_fail_pauses_and_resumes_its_queues()
    {
        NonStoppingAdapterFactory ears = new();
        using IHost host = Build(estream => estream.AddQueue("telemetry").AddAdapterType(ears)
            .AddWireAdapter("ears", new WireSettings("Adapters:ears", new Dictionary<string, string?> { ["Type"] = "deaf" })));
        long free = 100L << 30;
        host.Services.GetRequiredService<FreeSpaceFloor>().Measure = _ => (Volatile.Read(ref free), 1_000L << 30);
        await host.StartAsync();
        IngressSinks sinks = host.Services.GetRequiredService<HostState>().Parts!.Sinks;
        ears.Statistics = static () => throw new InvalidOperationException("No statistics.");
        Eventually.True(() => _log.Lines.Any(line => line.StartsWith("The overview cannot be sampled", StringComparison.Ordinal)),
            "the samples fail");

        Volatile.Write(ref free, 0);
        Eventually.True(() => sinks.All.Single().Failure?.Reason == StorageFailure.DiskFull, "the queue is paused");
        sinks.Pause(new EstreamStorageException("By hand.", null, StorageFailure.Other), static _ => true);
        Volatile.Write(ref free, 100L << 30);
        Eventually.True(() => host.Services.GetRequiredService<HostState>().Report().Storage is null, "the space is back");
        Assert.Equal("By hand.", sinks.All.Single().Failure?.Message);
        sinks.Pause(null, static _ => true);
        Assert.Null(sinks.All.Single().Failure);

        HostLifecycle lifecycle = host.Services.GetServices<IHostedService>().OfType<HostLifecycle>().Single();
        await lifecycle.StoppingAsync(new CancellationToken(canceled: true));
        await lifecycle.StoppedAsync(CancellationToken.None);
    }

    [Theory]
    [InlineData(1 << 20, true, 0)]
    [InlineData(1 << 20, false, 1)]
    [InlineData(0, false, 0)]
    public async Task The_reader_of_a_removed_map_is_reported_when_retention_is_limited(
        long retainedBytes, bool isConfigured, int expected)
    {
        string directory = _directory.Combine("data", "queues", "telemetry");
        using (EstreamQueue queue = EstreamQueue.Open(directory))
        {
            queue.CreateTailer("map-latest").Dispose();
            queue.CreateTailer("somebody-else").Dispose();
        }

        using IHost host = Build(estream =>
        {
            estream.AddQueue("telemetry", new QueueOptions { RetainedBytes = retainedBytes });
            _ = isConfigured ? estream.AddMap("latest", "telemetry", "IoTTelemetry", "device_id") : estream;
        });
        await host.StartAsync();
        await host.StopAsync();

        string[] warnings = [.. _log.Lines.Where(line => line.Contains("beyond its retention limits", StringComparison.Ordinal))];
        Assert.Equal(expected, warnings.Length);
        if (expected > 0)
        {
            string file = warnings[0].Split("delete ")[1].TrimEnd('.');
            Assert.True(File.Exists(file), file);
            Assert.Contains("Queue telemetry retains everything", warnings[0], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_tailers_of_a_former_log_are_reported_with_the_command_that_removes_them()
    {
        using (EstreamQueue queue = EstreamQueue.Open(_directory.Combine("data", "queues", "telemetry")))
        using (QueueAppender appender = queue.CreateAppender())
        {
            appender.Append("a"u8);
            Assert.NotNull(new EsfLog(queue).Seal(appender));
        }

        using IHost host = Build(estream => estream.AddQueue("telemetry", new QueueOptions { RetainedBytes = 1 << 20 }));
        await host.StartAsync();
        await host.StopAsync();

        foreach (string tailer in (string[])["estream.log", "estream.log-seal"])
        {
            Assert.Single(_log.Lines, line => line.Contains("beyond its retention limits", StringComparison.Ordinal)
                && line.EndsWith($"run 'estream queue remove-tailer telemetry {tailer}'.", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task A_group_that_holds_up_retention_is_reported_once(bool hasGroup, int expected)
    {
        QueueOptions options = new() { SegmentBytes = 64 << 10, RetainedBytes = 128 << 10 };
        using (PartitionedQueue queue = PartitionedQueue.Open(_directory.Combine("data", "queues", "trades"), 2, options))
        {
            if (hasGroup)
            {
                using GroupMember member = queue.JoinGroup("booking");
                Assert.False(member.TryNext(out _, out _));
            }

            using PartitionedAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
            for (int i = 0; i < 1_000; i++)
            {
                appender.Of(i % 2).Append(new byte[1_000]);
            }
        }

        using IHost host = Build(estream => estream.AddPartitionedQueue("trades", 2, options));
        await host.StartAsync();
        await host.StopAsync();

        string[] warnings = [.. _log.Lines.Where(line => line.Contains("up to their retention limits", StringComparison.Ordinal))];
        Assert.Equal(expected, warnings.Length);
        if (expected > 0)
        {
            Assert.StartsWith("Group booking has not read 2 partitions of queue trades", warnings[0], StringComparison.Ordinal);
            Assert.Contains("estream queue remove-group", warnings[0], StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public async Task The_reader_of_a_removed_witness_is_reported(bool isConfigured, int expected)
    {
        string key = _directory.Combine("witness.key");
        using (MlDsa87PrivateKey made = MlDsa87PrivateKey.Generate())
        {
            made.Save(key);
        }

        foreach (bool isWitnessed in (bool[])[true, isConfigured])
        {
            using IHost host = Build(estream =>
            {
                estream.AddQueue("telemetry", new QueueOptions { RetainedBytes = 1 << 20 });
                _ = isWitnessed ? estream.AddWitness("telemetry", key) : estream;
            });
            await host.StartAsync();
            await host.StopAsync();
        }

        Assert.Equal(expected,
            _log.Lines.Count(line =>
                line.Contains("beyond its retention limits, for its reader witness, but this host does not witness the queue",
                    StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_witness_without_a_queue_and_a_queue_with_the_name_of_its_attestations_are_rejected()
    {
        string key = _directory.Combine("witness.key");
        using (MlDsa87PrivateKey made = MlDsa87PrivateKey.Generate())
        {
            made.Save(key);
        }

        using IHost nowhere = Build(estream => estream.AddWitness("telemtry", key));
        ArgumentException unknown = await Assert.ThrowsAsync<ArgumentException>(() => nowhere.StartAsync());
        Assert.Contains("A witness names the queue telemtry, which does not exist.", unknown.Message, StringComparison.Ordinal);
        using IHost twice = Build(estream => estream.AddQueue("q").AddQueue("q.witness").AddWitness("q", key));
        ArgumentException clash = await Assert.ThrowsAsync<ArgumentException>(() => twice.StartAsync());
        Assert.Contains("The queue q.witness is reserved for the attestations of q", clash.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Build(estream => estream.AddWitness("q", key).AddWitness("q", key)));
    }

    private IHost Build(Action<EstreamBuilder> describe)
    {
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddProvider(_log);
        describe(builder.Services.AddEstream().UseData(_directory.Combine("data")));
        return builder.Build();
    }

    private sealed class NonStoppingAdapterFactory : IWireAdapterFactory
    {
        public AdapterDescriptor Descriptor { get; } =
            new("deaf", "Test", Wire.ProtocolFamily.Iot, ["TCP"], false, false, "Hears nothing.");

        public void Check(string name, EsfSchemaSet schemas, IReadOnlyCollection<string> queues, WireSettings settings)
        {
        }

        /// <summary>The number of adapters that were created.</summary>
        public int Created { get; private set; }

        /// <summary>The number of adapters that were disposed.</summary>
        public int Disposed { get; private set; }

        /// <summary>The statistics of the adapters.</summary>
        public Func<AdapterStatistics> Statistics { get; set; } = static () => default;

        public IWireAdapter Create(AdapterContext context, WireSettings settings)
        {
            Created++;
            return new NonStoppingAdapter(Descriptor, context.Name, () => Statistics(), () => Disposed++);
        }
    }

    /// <summary>Runs until it is disposed and ignores stop requests.</summary>
    private sealed class NonStoppingAdapter(
        AdapterDescriptor descriptor, string name, Func<AdapterStatistics> statistics, Action disposed) : IWireAdapter
    {
        private readonly TaskCompletionSource _disposed = new();

        public AdapterDescriptor Descriptor => descriptor;

        public string Name => name;

        public AdapterSchemas Schemas { get; } = new([], []);

        public HealthStatus Health { get; } = HealthStatus.Healthy("It is there.");

        public AdapterStatistics Statistics => statistics();

        public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

        public Task Ingest(CancellationToken cancellation) => _disposed.Task;

        public TranslateStatus TranslateIngress(in WireMessage message, Span<byte> destination, out int length) =>
            throw new NotSupportedException();

        public TranslateStatus TranslateEgress(in EsfMessage message, EgressMessage destination) => throw new NotSupportedException();

        public ValueTask<EmitStatus> Emit(EgressMessage message, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask DisposeAsync()
        {
            if (_disposed.TrySetResult())
            {
                disposed();
            }

            return ValueTask.CompletedTask;
        }
    }
}
