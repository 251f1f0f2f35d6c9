using System.Net;
using System.Net.Sockets;
using Estream.Circuits;
using Estream.Core;
using Estream.Esf;
using Estream.Host.Http;
using Estream.Host.Runtime;
using Estream.Host.Tests.Process;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Estream.Host.Tests;

/// <summary>Goal: the data plane runs in any generic host and can be configured in code.</summary>
[Collection(ProcessCollection.Name)]
public sealed class EstreamBuilderTests
{
    [Fact]
    public async Task A_host_built_in_code_accepts_messages_and_updates_the_map()
    {
        using TempDirectory directory = new();
        int port = FreePort.Next();
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddEstream()
            .UseData(directory.Path)
            .UseSchemas(EsfSchemaSet.BuiltIn)
            .AddQueue("telemetry")
            .AddMap("latest", queue: "telemetry", schema: "IoTTelemetry", key: "device_id")
            .AddMqtt()
            .AddWireAdapter("devices", Endpoint(port));
        using IHost host = builder.Build();
        await host.StartAsync();
        IHostView view = host.Services.GetRequiredService<IHostView>();
        Eventually.True(() => view.Health.Status == "ready", "the host is ready");

        await using AcknowledgedLoad load = new(port, "d", devices: 3, maxMessages: 30);
        await load.Completion;
        await host.StopAsync();

        using QueueReplay replay = new QueueReplay(directory.Path).Advance();
        Assert.Equal(30, replay.MessageCount);
        load.AssertStored(replay);
        replay.AssertMapEquals(directory.Path);
        Assert.Equal("stopping", view.Health.Status);
    }

    [Fact]
    public async Task The_timer_of_a_circuit_ticks_while_the_host_runs()
    {
        using TempDirectory directory = new();
        CircuitReadResult read = CircuitReader.Read(
            "escir_version: \"0.8.0\"\nname: acme.beats.v1\nversion: \"1.0.0\"\ninputs: [{ name: often, every: 10ms }]\noutputs: [{ name: "
            + "beats, type: estream.system.TimerTick }]\n"
            + "compute: [{ id: all, type: filter, when: has(at) }]\nflows: [often -> all -> beats]\n",
            "beats.circuit.yaml", EsfSchemaSet.BuiltIn, _ => EsfSchemaSet.Empty);
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddEstream().UseData(directory.Path).AddQueue("often").AddQueue("beats").AddCircuit(read.Circuit!);
        using IHost host = builder.Build();
        await host.StartAsync();
        IHostView view = host.Services.GetRequiredService<IHostView>();
        Eventually.True(() => view.Overview.Queues.Single(queue => queue.Name == "beats").Messages > 3,
            "the ticks have gone through the circuit");
        Assert.Equal(("ready", "running"), (view.Health.Status, Assert.Single(view.Overview.Circuits).State));
        await host.StopAsync();

        using EstreamQueue ticks = EstreamQueue.OpenReadOnly(directory.Combine("queues", "often"));
        using EstreamQueue beats = EstreamQueue.OpenReadOnly(directory.Combine("queues", "beats"));
        Assert.InRange(beats.GetInfo().MessageCount, 4, ticks.GetInfo().MessageCount);
    }

    [Fact]
    public async Task A_map_without_its_queue_fails_the_start()
    {
        using TempDirectory directory = new();
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddEstream().UseData(directory.Path).AddMap("latest", "telemetry", "IoTTelemetry", "device_id");
        using IHost host = builder.Build();

        ArgumentException e = await Assert.ThrowsAsync<ArgumentException>(() => host.StartAsync());

        Assert.Contains("Map latest names the queue telemetry, which does not exist. Add it with AddQueue.", e.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_start_releases_all_resources()
    {
        using TempDirectory directory = new();
        using TcpListener other = new(IPAddress.Loopback, 0);
        other.Start();
        for (int attempt = 0; attempt < 2; attempt++)
        {
            using IHost host = Build(directory.Path, ((IPEndPoint)other.LocalEndpoint).Port);

            // If the first attempt had kept the queues open, the second would fail with a lease error instead.
            await Assert.ThrowsAsync<WireConnectionException>(() => host.StartAsync());
        }
    }

    [Fact]
    public async Task An_error_in_adapter_settings_is_reported_before_data_is_created()
    {
        using TempDirectory directory = new();
        using IHost host = Build(directory.Combine("data"), port: -1);

        WireConfigurationException e = await Assert.ThrowsAsync<WireConfigurationException>(() => host.StartAsync());

        Assert.Equal("Estream:Adapters:devices:Port", e.Key);
        Assert.False(Directory.Exists(directory.Combine("data")));
    }

    [Fact]
    public async Task Messages_that_a_queue_cannot_store_directly_are_rejected_before_data_is_created()
    {
        const string Refusal =
            "is \"Spoken\", whose pattern Signal does not allow its messages to be stored in a queue directly. Name another schema, or "
            + "change 'pattern' in its file.";
        using TempDirectory directory = new();

        ArgumentException ofMap = await Assert.ThrowsAsync<ArgumentException>(() =>
            StartAsync(builder => builder.AddMap("latest", "telemetry", "Spoken", "device_id")));
        WireConfigurationException ofMapping = await Assert.ThrowsAsync<WireConfigurationException>(() =>
            StartAsync(builder => builder.AddWireAdapter("devices", Endpoint(FreePort.Next(), "Spoken"))));
        WireConfigurationException ofEgress =
            await Assert.ThrowsAsync<WireConfigurationException>(() => StartAsync(builder => builder.AddWireAdapter("cloud", Egress())));

        Assert.Equal($"The schema of map latest {Refusal}", ofMap.Message);
        Assert.Equal($"Estream:Adapters:devices:Mappings:0:Schema: {Refusal}", ofMapping.Message);
        Assert.Equal($"Estream:Adapters:cloud:Egress:0:Schema: {Refusal}", ofEgress.Message);
        Assert.False(Directory.Exists(directory.Combine("data")));

        async Task StartAsync(Action<EstreamBuilder> add)
        {
            EsfSchemaSet spoken = EsfSchemaSet.Parse(new EsfSchemaFile("spoken.esf.yaml", """
                version: "1.0"
                namespace: plant.talk
                schemas:
                  Spoken: { pattern: signal, fields: { device_id: { type: string(32) } } }
                """));
            HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
            add(builder.Services.AddEstream().UseData(directory.Combine("data")).UseSchemas(EsfSchemaSet.BuiltIn.With(spoken))
                .AddQueue("telemetry").AddMqtt());
            using IHost host = builder.Build();
            await host.StartAsync();
        }
    }

    private static IHost Build(string data, int port)
    {
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddEstream().UseData(data).AddQueue("telemetry").AddMqtt().AddWireAdapter("devices", Endpoint(port));
        return builder.Build();
    }

    [Fact]
    public void Dead_letters_are_kept_for_thirty_days_and_up_to_one_GiB_by_default()
    {
        HostConfiguration plan = new();
        EstreamBuilder builder = new(plan);
        Assert.Equal(TimeSpan.FromDays(30), plan.Queues["dead-letters"].RetainedAge);
        builder.AddQueue("dead-letters");
        Assert.Equal(TimeSpan.FromDays(30), plan.Queues["dead-letters"].RetainedAge);
        Assert.Equal(1L << 30, plan.Queues["dead-letters"].RetainedBytes);
        builder.AddQueue("dead-letters", new QueueOptions());
        Assert.Equal(0, plan.Queues["dead-letters"].RetainedBytes);
        Assert.Equal(TimeSpan.Zero, plan.Queues["dead-letters"].RetainedAge);
    }

    [Fact]
    public void Repeated_names_and_calls_are_rejected()
    {
        ServiceCollection services = new();
        EstreamBuilder estream = services.AddEstream().AddQueue("q");

        Assert.Throws<ArgumentException>(() => estream.AddQueue("q"));
        Assert.Throws<InvalidOperationException>(() => services.AddEstream());
        Assert.Throws<ArgumentException>(() => estream.AddMqtt().AddMqtt());
    }

    private static WireSettings Egress() => new("Estream:Adapters:cloud", new Dictionary<string, string?>
    {
        ["Type"] = "mqtt-client",
        ["Broker:Host"] = "127.0.0.1",
        ["Egress:0:Queue"] = "telemetry",
        ["Egress:0:Schema"] = "Spoken",
        ["Egress:0:Topic"] = "out",
    });

    private static WireSettings Endpoint(int port, string schema = "IoTTelemetry") =>
        new("Estream:Adapters:devices", new Dictionary<string, string?>
    {
        ["Type"] = "mqtt-endpoint",
        ["Port"] = $"{port}",
        ["Mappings:0:Topic"] = "devices/{device_id}/telemetry",
        ["Mappings:0:Schema"] = schema,
        ["Mappings:0:Queue"] = "telemetry",
    });
}
