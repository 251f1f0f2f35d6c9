using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Host.Configuration;
using Estream.Host.Metrics;
using Estream.Host.Tests.Process;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Publishing;
using Estream.Testing;
using Estream.Wire;
using Estream.Wire.Dnp3;
using Estream.Wire.Fix;
using Estream.Wire.Hl7;
using Estream.Wire.Hl7.Acknowledgement;
using Estream.Wire.Iso20022;
using Estream.Wire.Modbus;
using Estream.Wire.OpcUa;
using Estream.Wire.Modbus.Tests.Rig;
using Estream.Wire.Mqtt;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Estream.Host.Tests.Components;

/// <summary>Goal: each adapter of this repository works as a component in its own load context. Another version replaces it while the host
/// runs, and the old one is unloaded completely.</summary>
[Collection(ProcessCollection.Name)]
public sealed class ProductAdapterTests
{
    private const string FromDevices = "devices/{device_id}/telemetry";

    private static readonly IWireAdapterFactory[] s_factories = [new MqttEndpointFactory(), new MqttClientFactory(),
        new FixAcceptorFactory(), new FixInitiatorFactory(), new Iso20022FolderFactory(), new Iso20022ListenerFactory(),
        new Iso20022ClientFactory(),
        new Hl7ListenerFactory(), new Hl7SenderFactory(), new ModbusPollerFactory(), new ModbusServerFactory(), new Dnp3MasterFactory(),
        new OpcUaAdapterFactory()];

    public static TheoryData<string> Kinds => [.. AdapterComponents.Kinds];

    [Fact]
    public void Every_built_in_adapter_except_those_of_FHIR_is_also_a_component() =>
        Assert.Equal(
            AdapterSettingSchemas.All.Keys.Where(type => !FhirSettingSchemas.Has(type)).Order(StringComparer.Ordinal),
            AdapterComponents.Kinds.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_manifest_of_an_adapter_matches_its_factory(string kind)
    {
        AdapterDetails manifest = Assert.IsType<AdapterDetails>(ComponentFolder.Read(AdapterComponents.FolderOf(kind)).Manifest!.Details);
        AdapterDescriptor factory = s_factories.Single(one => one.GetType().FullName == manifest.Factory).Descriptor;
        Assert.Equal(
            (factory.Type, factory.Family.ToString().ToLowerInvariant(), factory.IsBidirectional, factory.IsRequestResponse),
            (manifest.Protocol, manifest.Family, manifest.IsBidirectional, manifest.HasRequests));
        Assert.Equal(factory.Transports.Select(transport => transport.ToLowerInvariant()), manifest.Transports);
    }

    [Fact]
    public async Task An_MQTT_endpoint_stores_published_messages()
    {
        using ProductAdapterCase component = new("mqtt-endpoint");
        int port = FreePort.Next();
        using IHost host = component.Build(
            estream => estream.AddQueue("telemetry"),
            ("Port", $"{port}"), ("Mappings:0:Topic", FromDevices), ("Mappings:0:Schema", "IoTTelemetry"),
            ("Mappings:0:Queue", "telemetry"));

        await component.AssertUpdatesAsync(host, round => PublishAsync(component, port, round, "telemetry"));
    }

    [Fact]
    public async Task A_built_in_adapter_and_a_component_of_the_same_kind_can_run_together()
    {
        using ProductAdapterCase component = new("mqtt-endpoint");
        int ownPort = FreePort.Next(), port = FreePort.Next();
        using IHost host = component.Build(
            estream => estream.AddQueue("own").AddQueue("telemetry").AddMqtt().AddWireAdapter("own", ProductAdapterCase.Settings(
                "own", ("Type", "mqtt-endpoint"), ("Port", $"{ownPort}"), ("Mappings:0:Topic", FromDevices),
                ("Mappings:0:Schema", "IoTTelemetry"), ("Mappings:0:Queue", "own"))),
            ("Port", $"{port}"), ("Mappings:0:Topic", FromDevices), ("Mappings:0:Schema", "IoTTelemetry"),
            ("Mappings:0:Queue", "telemetry"));
        MetricRegistry metrics = host.Services.GetRequiredService<MetricRegistry>();
        await host.StartAsync();
        await PublishAsync(component, ownPort, 1, "own");
        await PublishAsync(component, port, 1, "telemetry");
        string text = metrics.Render();
        await host.StopAsync();

        Assert.Contains("estream_mqtt_received_total{adapter=\"own\"} 10\n", text, StringComparison.Ordinal);
        Assert.Contains("estream_mqtt_received_total{adapter=\"component\"} 10\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_MQTT_client_publishes_the_messages_of_a_queue_to_a_broker()
    {
        using ProductAdapterCase component = new("mqtt-client");
        int port = FreePort.Next();
        using IHost host = component.Build(
            estream => estream.AddQueue("telemetry").AddQueue("copies").AddMqtt().AddWireAdapter("broker", ProductAdapterCase.Settings(
                "broker", ("Type", "mqtt-endpoint"), ("Port", $"{port}"),
                ("Mappings:0:Topic", FromDevices), ("Mappings:0:Schema", "IoTTelemetry"), ("Mappings:0:Queue", "telemetry"),
                ("Mappings:1:Topic", "copies/{device_id}"), ("Mappings:1:Schema", "IoTTelemetry"), ("Mappings:1:Queue", "copies"))),
            ("Broker:Host", "127.0.0.1"), ("Broker:Port", $"{port}"), ("Reconnect:MaxMs", "100"), ("Egress:0:Queue", "telemetry"),
            ("Egress:0:Schema", "IoTTelemetry"), ("Egress:0:Topic", "copies/{device_id}"));

        await component.AssertUpdatesAsync(host, round => PublishAsync(component, port, round, "copies"));
    }

    [Fact]
    public async Task A_FIX_acceptor_accepts_a_Logon_and_stores_requests()
    {
        using ProductAdapterCase component = new("fix-acceptor");
        int port = FreePort.Next();
        using IHost host = component.Build(
            estream => estream.UseSchemas(EsfSchemaSet.BuiltIn.With(FixTranslator.OwnSchemas)).AddQueue("cancels"),
            ("Port", $"{port}"), ("Sessions:0:SenderCompId", "BROKER"), ("Sessions:0:TargetCompId", "DESK"),
            ("Sessions:0:Journal", component.Combine("journal")),
            ("Mappings:0:MsgType", "F"), ("Mappings:0:Schema", "FixOrderCancel"), ("Mappings:0:Queue", "cancels"));
        FixInitiator desk = new(
            new FixInitiatorOptions { Host = "127.0.0.1", Port = port, MaxReconnectSeconds = 1 }, Session("DESK", "BROKER"), new FixNames(),
            SystemClock.Instance, _ => { });
        await using (desk.ConfigureAwait(false))
        {
            using CancellationTokenSource stopping = new();
            Task running = desk.RunAsync(stopping.Token);

            await component.AssertUpdatesAsync(host, round => CancelAsync(component, desk.Session, round));
            await stopping.CancelAsync();
            await running;
        }
    }

    [Fact]
    public async Task A_FIX_initiator_logs_on_to_a_venue_and_stores_its_messages()
    {
        using ProductAdapterCase component = new("fix-initiator");
        FixAcceptor venue =
            new(new FixAcceptorOptions { Port = 0 }, [Session("VENUE", "BROKER")], new FixNames(), SystemClock.Instance, _ => { });
        await using (venue.ConfigureAwait(false))
        {
            await venue.StartAsync(CancellationToken.None);
            using CancellationTokenSource stopping = new();
            Task running = venue.RunAsync(stopping.Token);
            using IHost host = component.Build(
                estream => estream.UseSchemas(EsfSchemaSet.BuiltIn.With(FixTranslator.OwnSchemas)).AddQueue("cancels"),
                ("Host", "127.0.0.1"), ("Port", $"{venue.LocalEndPoint!.Port}"), ("MaxReconnectSeconds", "1"),
                ("Sessions:0:SenderCompId", "BROKER"), ("Sessions:0:TargetCompId", "VENUE"),
                ("Sessions:0:Journal", component.Combine("journal")),
                ("Mappings:0:MsgType", "F"), ("Mappings:0:Schema", "FixOrderCancel"), ("Mappings:0:Queue", "cancels"));

            await component.AssertUpdatesAsync(host, round => CancelAsync(component, venue.Sessions[0], round));
            await stopping.CancelAsync();
            await running;
        }
    }

    [Fact]
    public async Task An_ISO_20022_folder_stores_the_files_of_a_bank()
    {
        using ProductAdapterCase component = new("iso20022-folder");
        string folder = Directory.CreateDirectory(component.Combine("in")).FullName,
        keys = Directory.CreateDirectory(component.Combine("keys")).FullName;
        foreach (string audience in (string[])["payment_agent", "auditor", "regulator"])
        {
            using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
            MlKem1024KeyFile.WritePublic(Path.Combine(keys, audience + ".pub.pem"), key.PublicKey);
        }

        EsfSchemaSet payments = EsfSchemaSet.Load(RepositoryRoot.Combine("schemas", "esf-payments", "schemas", "iso20022.esf.yaml"));
        using IHost host = component.Build(
            estream => estream.UseSchemas(EsfSchemaSet.BuiltIn.With(payments)).UseAudienceKeys(EsfAudienceKeys.Load(keys))
                .AddQueue("payments"),
            ("Folder", folder), ("PollMs", "10"), ("Mappings:0:Topic", "pacs.008"), ("Mappings:0:Schema", "Pacs008CreditTransfer"),
            ("Mappings:0:Queue", "payments"));

        await component.AssertUpdatesAsync(host, round =>
        {
            File.WriteAllText(Path.Combine(folder, "part"), PaymentFile.Transfer($"M-{round}"));
            File.Move(Path.Combine(folder, "part"), Path.Combine(folder, $"{round}.xml"));
            Eventually.True(() => File.Exists(Path.Combine(folder, "done", $"{round}.xml")), "the file is done");
            Assert.Equal(round, component.Count("payments"));
            return Task.CompletedTask;
        });
    }

    [PeerFact(PymodbusServer.File, PymodbusServer.Package)]
    public async Task A_Modbus_client_polls_a_device_and_stores_its_values()
    {
        using ProductAdapterCase component = new("modbus-client");
        using PymodbusServer device = PymodbusServer.StartTcp();
        using IHost host = component.Build(
            estream => estream.UseSchemas(EsfSchemaSet.BuiltIn.With(ModbusSchemas.Own)).AddQueue("readings"),
            ("Devices:0:Name", "plc"), ("Devices:0:Host", "127.0.0.1"), ("Devices:0:Port", $"{device.Port}"),
            ("Devices:0:Points:0:Name", "level"), ("Devices:0:Points:0:Address", "10"), ("Devices:0:Points:0:EveryMs", "20"),
            ("Mappings:0:Schema", "ModbusValue"), ("Mappings:0:Queue", "readings"));

        await component.AssertUpdatesAsync(host, _ =>
        {
            int before = component.Count("readings");
            Eventually.True(() => component.Count("readings") > before, "a value is in the queue");
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task A_Modbus_server_stores_the_writes_of_masters()
    {
        using ProductAdapterCase component = new("modbus-server");
        int port = FreePort.Next();
        using IHost host = component.Build(
            estream => estream.UseSchemas(EsfSchemaSet.BuiltIn.With(ModbusSchemas.Own)).AddQueue("commands").AddQueue("readings")
                .AddMap("latest", "readings", "ModbusValue", "point"),
            ("Port", $"{port}"), ("Map", "latest"), ("Units:0:Name", "plant"), ("Units:0:Points:0:Name", "setpoint"),
            ("Units:0:Points:0:Writable", "true"), ("Mappings:0:Schema", "ModbusWrite"), ("Mappings:0:Queue", "commands"));

        await component.AssertUpdatesAsync(host, async round =>
        {
            await using ModbusClient master = await ModbusClient.ConnectAsync(new ModbusClientOptions { Port = port, TimeoutMs = 30_000 });
            Assert.True((await master.WriteRegistersAsync(1, 0, new[] { (ushort)round })).IsOk);
            Assert.Equal(round, component.Count("commands"));
        });
    }

    [Fact]
    public async Task An_HL7_listener_stores_messages_and_acknowledges_them()
    {
        using ProductAdapterCase component = new("hl7-listener");
        int port = FreePort.Next();
        using IHost host = component.Build(
            estream => estream.UseSchemas(EsfSchemaSet.BuiltIn.With(Hl7Schemas.Own)).AddQueue("headers"),
            ("Port", $"{port}"), ("Mappings:0:Schema", "Hl7Header"), ("Mappings:0:Queue", "headers"));

        await component.AssertUpdatesAsync(host, async round =>
        {
            await using MllpClient client = await MllpClient.ConnectAsync("127.0.0.1", port, TimeSpan.FromSeconds(30));
            Assert.True((await client.SendAsync(Hl7Sample.Admission(round)))!.Code.IsAccept());
            Assert.Equal(round, component.Count("headers"));
        });
    }

    [Fact]
    public async Task An_HL7_client_sends_the_messages_of_a_queue()
    {
        using ProductAdapterCase component = new("hl7-client");
        int inPort = FreePort.Next(), outPort = FreePort.Next();
        string keys = Directory.CreateDirectory(component.Combine("keys")).FullName;
        foreach (string audience in (string[])["provider", "auditor"])
        {
            using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
            MlKem1024KeyFile.WritePublic(Path.Combine(keys, audience + ".pub.pem"), key.PublicKey);
            MlKem1024KeyFile.WritePrivate(Path.Combine(keys, audience + ".key.pem"), key);
        }

        using IHost host = component.Build(
            estream => estream.UseSchemas(EsfSchemaSet.BuiltIn.With(Hl7Schemas.Own)).UseAudienceKeys(EsfAudienceKeys.Load(keys))
                .AddQueue("messages").AddQueue("headers").AddHl7()
                .AddWireAdapter("in", ProductAdapterCase.Settings("in", ("Type", "hl7-listener"), ("Port", $"{inPort}"),
                    ("Mappings:0:Schema", "Hl7Message"), ("Mappings:0:Queue", "messages")))
                .AddWireAdapter("out", ProductAdapterCase.Settings("out", ("Type", "hl7-listener"), ("Port", $"{outPort}"),
                    ("Mappings:0:Schema", "Hl7Header"), ("Mappings:0:Queue", "headers"))),
            ("Host", "127.0.0.1"), ("Port", $"{outPort}"), ("MaxReconnectSeconds", "1"),
            ("Egress:0:Queue", "messages"), ("Egress:0:Schema", "Hl7Message"), ("Egress:0:Keys", keys));

        await component.AssertUpdatesAsync(host, async round =>
        {
            await using MllpClient client = await MllpClient.ConnectAsync("127.0.0.1", inPort, TimeSpan.FromSeconds(30));
            Assert.True((await client.SendAsync(Hl7Sample.Admission(round)))!.Code.IsAccept());
            Eventually.True(() => component.Count("headers") == round, "the message has arrived at the receiver");
        });
    }

    private static FixSessionOptions Session(string sender, string target) =>
        new() { Protocol = FixProtocol.Fix44, SenderCompId = sender, TargetCompId = target };

    private static async Task PublishAsync(ProductAdapterCase component, int port, int round, string queue)
    {
        await using AcknowledgedLoad load = new(port, $"round{round}", devices: 2, maxMessages: 10);
        await load.Completion;
        Assert.Equal(10, load.Acknowledged);
        Eventually.True(() => component.Count(queue) == round * 10, "the messages are in the queue");
    }

    private static Task CancelAsync(ProductAdapterCase component, FixSession session, int round)
    {
        Eventually.True(() => session.IsLoggedOn, "both sides are logged on");
        FixMessageBuilder cancel = new FixMessageBuilder("F").Add(41, "order").Add(11, $"request-{round}").Add(55, "EURUSD").Add(54, "1")
            .AddTime(60, SystemClock.Instance.UtcNanos);
        Assert.Equal(FixSendStatus.Sent, session.Send(cancel));
        Eventually.True(() => component.Count("cancels") == round, "the request is in its queue");
        return Task.CompletedTask;
    }
}
