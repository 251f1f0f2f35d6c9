using System.Text.Json;
using System.Text.Json.Nodes;
using Estream.Core;
using Estream.Host.Tests.Process;
using Estream.Marketplace;
using Estream.Marketplace.Workspaces;
using Estream.Testing;
using Estream.Wire.Fix;
using Estream.Wire.Modbus.Tests.Rig;
using Estream.Wire.Hl7;
using Estream.Wire.Hl7.Acknowledgement;

namespace Estream.Host.Tests.Components;

/// <summary>
/// Goal: the adapters of this repository can be packed, published, installed and updated as components. Method: the shipped host first runs
/// its built-in adapters: device to endpoint to queue to client to queue, desk to acceptor to queue to initiator to exchange, files of a
/// bank, and a polled device. The command line packs and publishes the adapters and installs them with their packs into a new workspace.
/// Each adapter is replaced by its component with the same data, then updated to its next version while the host runs. After each of these
/// steps, every message arrives once, and the protocol sessions continue.
/// </summary>
[Collection(LongProcessCollection.Name)]
public sealed class ProductAdapterProcessTests : IDisposable
{
    private static readonly string[] s_packs = ["esf-iot", "esf-trading", "esf-payments", "esf-industrial", "esf-health"];
    private static readonly string[] s_names = ["devices", "cloud", "desks", "venue", "bank", "plant", "hospital", "forward"];

    private readonly HostFiles _files = new();
    private readonly HostSecrets _secrets;
    private readonly int _mqttPort = FreePort.Next();
    private readonly int _fixPort = FreePort.Next();
    private int _devicePort;
    private readonly int _hl7Port = FreePort.Next();
    private readonly int _laboratoryPort = FreePort.Next();

    public ProductAdapterProcessTests() => _secrets = new HostSecrets(_files);

    private string Workspace => At("workspace");

    private string Cache => At("cache");

    private string Folder => At("in");

    public void Dispose() => _files.Dispose();

    [PeerFact(PymodbusServer.File, PymodbusServer.Package)]
    public async Task All_adapters_run_as_components_from_a_registry_and_can_be_updated()
    {
        InstallAll();
        using PymodbusServer device = PymodbusServer.StartTcp();
        _devicePort = device.Port;
        _secrets.Make("payment_agent", "auditor", "regulator", "provider");
        Directory.CreateDirectory(Folder);
        FixNames exchange = new();
        await using FixAcceptor venue =
            new(new FixAcceptorOptions { Port = 0 }, [Session("EXCHANGE", "BROKER")], exchange, SystemClock.Instance, _ => { });
        await venue.StartAsync(CancellationToken.None);
        await using FixInitiator desk = new(new FixInitiatorOptions { Host = "127.0.0.1", Port = _fixPort, MaxReconnectSeconds = 1 },
            Session("DESK", "BROKER"), new FixNames(), SystemClock.Instance, _ => { });
        using CancellationTokenSource closing = new();
        Task serving = venue.RunAsync(closing.Token), dealing = desk.RunAsync(closing.Token);
        Configure(venue.LocalEndPoint!.Port, areComponents: false);
        using (HostProcess before = HostProcess.Start(_files.Data, mqttPort: _mqttPort, configFile: _files.Config).WaitUntilReady())
        {
            await SendAsync(1, desk.Session, exchange);
            Assert.Equal(0, before.Stop().ExitCode);
        }

        Configure(venue.LocalEndPoint!.Port, areComponents: true);
        using HostProcess host = HostProcess.Start(_files.Data, mqttPort: _mqttPort, configFile: _files.Config).WaitUntilReady();
        await SendAsync(2, desk.Session, exchange);

        UpdateAll();
        foreach (string name in s_names)
        {
            Assert.Contains("\"version\":\"0.1.0\"", host.Get($"/api/adapters/{name}/component"), StringComparison.Ordinal);
            await UpdateAsync(host, name);
            Assert.Contains("\"version\":\"0.1.1\"", host.Get($"/api/adapters/{name}/component"), StringComparison.Ordinal);
        }

        await SendAsync(3, desk.Session, exchange);
        string metrics = "";
        Eventually.True(() => (metrics = host.Get("/metrics")).Contains("estream_hl7_sent_total{adapter=\"forward\"} 1",
            StringComparison.Ordinal), "the client has counted the acknowledgement");
        Assert.Equal(0, host.Stop().ExitCode);
        await closing.CancelAsync();
        await Task.WhenAll(serving, dealing);

        Assert.Equal(["request-1", "request-2", "request-3"], exchange.Names);
        Assert.Equal([30, 3, 0], ((string[])["copies", "payments", "dead-letters"]).Select(_files.Count));
        Assert.Contains("estream_mqtt_received_total{adapter=\"devices\"}", metrics, StringComparison.Ordinal);
        Assert.Contains("estream_fix_session_logged_on{adapter=\"desks\",session=\"BROKER-DESK\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("estream_iso20022_stored_total{adapter=\"bank\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("estream_modbus_polls_total{adapter=\"plant\",device=\"plc\"}", metrics, StringComparison.Ordinal);
    }

    private static FixSessionOptions Session(string sender, string target) =>
        new() { Protocol = FixProtocol.Fix44, SenderCompId = sender, TargetCompId = target };

    private static async Task UpdateAsync(HostProcess host, string name)
    {
        using HttpClient http = new();
        using HttpResponseMessage answer = await http.PutAsync(new Uri($"{host.Address}/api/adapters/{name}/component"), null);
        Assert.Contains("\"status\":\"updated\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    /// <summary>Sends a message through every adapter and waits for it at its destination.</summary>
    private async Task SendAsync(int round, FixSession desk, FixNames exchange)
    {
        int readings = _files.Count("readings");
        await using (AcknowledgedLoad load = new(_mqttPort, $"round{round}", devices: 2, maxMessages: 10))
        {
            await load.Completion;
            Assert.Equal(10, load.Acknowledged);
        }

        File.WriteAllText(Path.Combine(Folder, "part"), PaymentFile.Transfer($"M-{round}"));
        File.Move(Path.Combine(Folder, "part"), Path.Combine(Folder, $"{round}.xml"));
        Eventually.True(() => desk.IsLoggedOn, "the desk is logged on");
        FixMessageBuilder cancel = new FixMessageBuilder("F").Add(41, "order").Add(11, $"request-{round}").Add(55, "EURUSD").Add(54, "1")
            .AddTime(60, SystemClock.Instance.UtcNanos);
        Assert.Equal(FixSendStatus.Sent, desk.Send(cancel));
        Eventually.True(() => exchange.Count == round, "the request is at the exchange");
        Eventually.True(() => _files.Count("copies") == round * 10, "the client has published what devices sent");
        Eventually.True(() => _files.Count("payments") == round, "the payment is stored");
        Eventually.True(() => _files.Count("readings") > readings, "the device is polled");
        await using MllpClient hospital = await MllpClient.ConnectAsync("127.0.0.1", _hl7Port, TimeSpan.FromSeconds(60));
        Assert.True((await hospital.SendAsync(Hl7Sample.Admission(round)))!.Code.IsAccept());
        Eventually.True(() => _files.Count("laboratory") == round, "the client has sent the admission on");
    }

    private void InstallAll()
    {
        string registry = At("registry"), key = At("owner.key"), place = "directory:" + Path.Combine(registry, "public"),
        root = Path.Combine(registry, "public", "roles", "1.root.json");
        Cli("marketplace", "registry", "create", registry, "--name", "components.example.org/main");
        Cli("key", "new", "--out", key);
        Cli("marketplace", "key", "claim", "estream", "--key", key, "--registry", registry);
        foreach (string folder in s_packs.Select(pack => RepositoryRoot.Combine("schemas", pack))
            .Concat(AdapterComponents.Kinds.Select(AdapterComponents.FolderOf)))
        {
            Publish(folder, key, registry);
        }

        Directory.CreateDirectory(Workspace);
        File.WriteAllText(
            Path.Combine(Workspace, "estream-workspace.toml"),
            $"[components]\n\n[registries]\n\"*\" = \"{place}\"\ndefault = \"{place}\"\n\n[trust]\n\"*\" = \"{root}\"\ndefault = "
            + $"\"{root}\"\n\n[engines]\nhost = \"0.1.0\"\n");
        Cli(["marketplace", "install", .. AdapterComponents.Kinds.Select(kind => "wire-" + kind), "esf-iot", "--yes", "--workspace",
            Workspace, "--cache", Cache]);
        Assert.Equal([.. s_packs.Concat(AdapterComponents.Kinds.Select(kind => "wire-" + kind)).Order(StringComparer.Ordinal)],
            Locked.Components.Select(component => component.Name.ToString()).Order(StringComparer.Ordinal));
    }

    private WorkspaceLock Locked => new WorkspaceFolder(Workspace).ReadLock()!;

    private void UpdateAll()
    {
        foreach (string kind in AdapterComponents.Kinds)
        {
            string folder = At("next-" + kind), laidOut = AdapterComponents.FolderOf(kind);
            ProductAdapterCase.Copy(laidOut, folder, "0.1.1");
            Publish(folder, At("owner.key"), At("registry"));
        }

        Cli("marketplace", "update", "--yes", "--workspace", Workspace, "--cache", Cache);
    }

    private void Publish(string folder, string key, string registry)
    {
        string package = At("package.escx");
        Cli("marketplace", "pack", folder, "--out", package);
        Cli("marketplace", "publish", package, "--key", key, "--registry", registry);
    }

    private void Cli(params string[] args) =>
        ChildProcess.Run("dotnet", [BuiltProgram.Cli, .. args], environment: new Dictionary<string, string?> { ["HOME"] = At("home") })
            .EnsureSuccess();

    private string At(string name) => Path.Combine(Path.GetDirectoryName(_files.Config)!, name);

    private string Installed(string component, string file) =>
        Path.Combine(new ComponentCache(Cache).FolderOf(Locked.Find(ComponentName.Parse(component))!.Root256), file);

    private void Configure(int venuePort, bool areComponents)
    {
        JsonNode settings = JsonSerializer.SerializeToNode(Settings(venuePort))!;
        JsonObject estream = settings["Estream"]!.AsObject();
        if (!areComponents)
        {
            estream.Remove("Components");
            // The built-in FIX, HL7 and Modbus adapters add their own schemas.
            estream["Schemas"]!.AsArray().RemoveAt(5);
            estream["Schemas"]!.AsArray().RemoveAt(4);
            estream["Schemas"]!.AsArray().RemoveAt(2);
            estream["Schemas"]!.AsArray().RemoveAt(1);
            foreach ((_, JsonNode? adapter) in estream["Adapters"]!.AsObject())
            {
                adapter!["Type"] = adapter["Component"]!.GetValue<string>()["wire-".Length..];
                adapter.AsObject().Remove("Component");
            }
        }

        estream["Http"] = new JsonObject { ["LoopbackRole"] = "developer" };
        File.WriteAllText(_files.Config, settings.ToJsonString());
    }

    private object Settings(int venuePort)
    {
        return new
        {
            Estream = new
            {
                Schemas = new[] { Installed("esf-payments", "schemas/iso20022.esf.yaml"),
                    Installed("wire-fix-acceptor", "schemas/fix-orders.esf.yaml"),
                    Installed("wire-modbus-client", "schemas/modbus-points.esf.yaml"),
                    Installed("esf-industrial", "schemas/industrial.esf.yaml"),
                    Installed("wire-hl7-listener", "schemas/hl7-messages.esf.yaml"),
                    Installed("esf-health", "schemas/fhir-resources.esf.yaml") },
                Privacy = new { _secrets.Keys },
                Components = new { Workspace, Cache },
                Queues = new Dictionary<string, object>
                {
                    ["telemetry"] = new { },
                    ["copies"] = new { },
                    ["cancels"] = new { },
                    ["payments"] = new { },
                    ["readings"] = new { },
                    ["hl7"] = new { },
                    ["laboratory"] = new { },
                },
                Adapters = new
                {
                    devices = new
                    {
                        Component = "wire-mqtt-endpoint",
                        Port = _mqttPort,
                        Mappings = new[]
                        {
                            new { Topic = "devices/{device_id}/telemetry", Schema = "IoTTelemetry", Queue = "telemetry" },
                            new { Topic = "copies/{device_id}", Schema = "IoTTelemetry", Queue = "copies" },
                        },
                    },
                    cloud = new
                    {
                        Component = "wire-mqtt-client",
                        Broker = new { Host = "127.0.0.1", Port = _mqttPort },
                        Reconnect = new { MaxMs = 100 },
                        Egress = new[] { new { Queue = "telemetry", Schema = "IoTTelemetry", Topic = "copies/{device_id}" } },
                    },
                    desks = new
                    {
                        Component = "wire-fix-acceptor",
                        Port = _fixPort,
                        Sessions = new[] { new { SenderCompId = "BROKER", TargetCompId = "DESK", Journal = At("desks") } },
                        Mappings = new[] { new { MsgType = "F", Schema = "FixOrderCancel", Queue = "cancels" } },
                    },
                    venue = new
                    {
                        Component = "wire-fix-initiator",
                        Host = "127.0.0.1",
                        Port = venuePort,
                        MaxReconnectSeconds = 1,
                        Sessions = new[] { new { SenderCompId = "BROKER", TargetCompId = "EXCHANGE", Journal = At("venue") } },
                        Egress = new[] { new { Queue = "cancels", Schema = "FixOrderCancel", TargetCompId = "EXCHANGE" } },
                    },
                    bank = new { Component = "wire-iso20022-folder", Folder, PollMs = 10,
                        Mappings = new[] { new { Topic = "pacs.008", Schema = "Pacs008CreditTransfer", Queue = "payments" } } },
                    plant = Plant(),
                    hospital = Listener(_hl7Port, "Hl7Message", "hl7"),
                    forward = new { Component = "wire-hl7-client", Host = "127.0.0.1", Port = _laboratoryPort, MaxReconnectSeconds = 1,
                        Egress = new[] { new { Queue = "hl7", Schema = "Hl7Message", _secrets.Keys } } },
                    laboratory = Listener(_laboratoryPort, "Hl7Header", "laboratory"),
                },
            },
        };
    }

    private object Plant() => new
    {
        Component = "wire-modbus-client",
        Devices = new[] { new { Name = "plc", Host = "127.0.0.1", Port = _devicePort,
            Points = new[] { new { Name = "level", Address = 10, EveryMs = 50 } } } },
        Mappings = new[] { new { Schema = "ModbusValue", Queue = "readings" } },
    };

    private static object Listener(int port, string schema, string queue) =>
        new { Component = "wire-hl7-listener", Port = port, Mappings = new[] { new { Schema = schema, Queue = queue } } };
}
