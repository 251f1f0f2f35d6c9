using System.Text;
using Estream.Esf;
using Estream.Host.Runtime;
using Estream.Host.Tests.Process;
using Estream.Marketplace.Publishing;
using Estream.Testing;
using Estream.Wire;

namespace Estream.Host.Tests.Components;

/// <summary>Goal: a host uses no more than its gateway edition allows, over all its field adapters together, and says what to do about the
/// eleventh device. Method: the editions of this repository, installed into a workspace.</summary>
[Collection(ProcessCollection.Name)]
public sealed class GatewayEditionTests : IDisposable
{
    private const string Setting = "Estream:Gateway:Component: ";
    private const string AnyTier = "[license]\ntier = \"commercial\"\n";

    private readonly TempDirectory _directory = new();

    public GatewayEditionTests() => Directory.CreateDirectory(Workspace);

    private string Workspace => _directory.Combine("workspace");

    private string Cache => _directory.Combine("cache");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_eleventh_device_is_refused_with_the_edition_its_limit_the_count_and_the_way_out()
    {
        Install("gateway-lite");
        Assert.Contains("10 of 10 devices", Use("gateway-lite", ("plant", Modbus(10))), StringComparison.Ordinal);

        Assert.Equal(
            Setting + "gateway-lite 0.1.0 allows at most 10 devices, and this configuration has 11 (adapter 'plant'). Use less, or set "
            + "Estream:Gateway:Component to an edition that allows more (estream marketplace search gateway).",
            Refusal("gateway-lite", ("plant", Modbus(11))));
    }

    [Fact]
    public void Devices_of_all_field_adapters_count_together_and_every_exceeded_limit_is_named()
    {
        Install("gateway-lite");
        string refusal = Refusal("gateway-lite", ("mill", Modbus(6)), ("plant", Modbus(7, registers: 40)));

        Assert.Contains("has 13 (6 of adapter 'mill', 7 of adapter 'plant').", refusal, StringComparison.Ordinal);
        Assert.Contains("allows at most 256 registers, and this configuration has 286", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_register_that_several_points_read_counts_once_and_adapters_of_other_fields_do_not_count()
    {
        Install("gateway-lite");
        (string, string)[] twice =
            [.. Modbus(1, registers: 200), ("Devices:0:Points:0:Address", "150"), ("Devices:0:Points:0:Type", "uint64")];
        (string, string)[] mqtt = [("Type", "mqtt-endpoint"), ("Port", "0")];
        Assert.Contains("200 of 256 registers", Use("gateway-lite", ("plant", twice), ("devices", mqtt)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gateway-lite", "rtu", "serial lines of Modbus RTU")]
    [InlineData("gateway-lite", "dnp3", "DNP3 outstations")]
    [InlineData("gateway-standard", "dnp3", "DNP3 outstations")]
    [InlineData("gateway-lite", "opc_ua", "OPC UA servers")]
    [InlineData("gateway-standard", "opc_ua", "OPC UA servers")]
    [InlineData("gateway-standard", "hot_standby", "standby hosts")]
    [InlineData("gateway-standard", "witness", "witnessed queues")]
    public void A_feature_that_an_edition_does_not_include_is_refused_and_runs_under_premium(string edition, string feature, string text)
    {
        Install(edition);
        File.WriteAllText(Path.Combine(Workspace, "estream-workspace.toml"), AnyTier);
        Assert.Contains($"{edition} 0.1.0 does not include {text}, and this configuration has 1", Refused(Plan(edition, feature)),
            StringComparison.Ordinal);

        Install("gateway-premium");
        Assert.NotNull(GatewayEdition.Check(Plan("gateway-premium", feature)));
    }

    [Fact]
    public void Standard_polls_fifty_devices_and_premium_two_hundred()
    {
        File.WriteAllText(Path.Combine(Workspace, "estream-workspace.toml"), AnyTier);
        Install("gateway-standard");
        Assert.NotNull(Use("gateway-standard", ("plant", Modbus(50))));
        Assert.Contains("at most 50 devices", Refusal("gateway-standard", ("plant", Modbus(51))), StringComparison.Ordinal);
        Install("gateway-premium");
        Assert.NotNull(Use("gateway-premium", ("plant", Modbus(200))));
        Assert.Contains("at most 200 devices", Refusal("gateway-premium", ("plant", Modbus(201))), StringComparison.Ordinal);
    }

    [Fact]
    public void An_edition_without_its_license_tier_is_refused_also_after_the_license_has_ended()
    {
        string manifest = Path.Combine(Workspace, "estream-workspace.toml");
        Install("gateway-premium");
        Assert.Contains("requires a license of the tier commercial", Refusal("gateway-premium", ("plant", Modbus(1))),
            StringComparison.Ordinal);
        File.WriteAllText(manifest, AnyTier);
        Assert.NotNull(Use("gateway-premium", ("plant", Modbus(1))));
        File.WriteAllText(manifest, "[license]\ntier = \"source-available\"\n");
        Assert.Contains("has source-available. If you have the license, set [license] tier in estream-workspace.toml; if it has ended, "
            + "name an edition of a lower tier.", Refusal("gateway-premium", ("plant", Modbus(1))), StringComparison.Ordinal);
        File.WriteAllText(manifest, "[license]\ntier = 3\n");
        Assert.Contains("estream-workspace.toml' is not valid", Refusal("gateway-premium", ("plant", Modbus(1))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_component_that_is_not_an_installed_edition_is_refused()
    {
        Install("gateway-lite");
        Assert.Contains("gateway-lit is not installed in the workspace", Refusal("gateway-lit", ("plant", Modbus(1))),
            StringComparison.Ordinal);
        InstallManifest("door-watch", "devises = 3");
        Assert.Contains("door-watch 0.1.0 is not a gateway edition", Refusal("door-watch", ("plant", Modbus(1))), StringComparison.Ordinal);
        InstallManifest("door-gateway", "devices = 3\nelevators = 2");
        Assert.Contains("limits 'elevators', which this host does not count", Refusal("door-gateway", ("plant", Modbus(1))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Devices_of_an_adapter_that_is_a_component_count_too()
    {
        Install("gateway-lite");
        InstallFolder(AdapterComponents.FolderOf("modbus-client"), isAdded: true);
        HostConfiguration plan = Plan("gateway-lite", ("plant", Modbus(6)));
        (string, string)[] settings = [.. Modbus(5).Where(setting => setting.Key != "Type")];
        new EstreamBuilder(plan).AddComponentAdapter("mill", "wire-modbus-client", Settings("mill", settings));

        Assert.Contains("has 11 (6 of adapter 'plant', 5 of adapter 'mill')", Refused(plan), StringComparison.Ordinal);
    }

    [Fact]
    public void An_industrial_adapter_that_does_not_count_its_devices_is_refused()
    {
        Install("gateway-lite");
        HostConfiguration plan = Plan("gateway-lite");
        new EstreamBuilder(plan).AddAdapterType(new UncountedFactory())
            .AddWireAdapter("doors", Settings("doors", [("Type", UncountedFactory.Type)]));

        Assert.Contains("Estream:Adapters:doors:Type: is uncounted, which cannot count its devices", Refused(plan),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Checking_the_configuration_of_a_host_checks_the_edition()
    {
        Install("gateway-lite");
        ProcessResult ten = Check(10), eleven = Check(11);
        Assert.True(ten.ExitCode == 0, ten.Error);
        Assert.Equal(1, eleven.ExitCode);
        Assert.Contains("gateway-lite 0.1.0 allows at most 10 devices, and this configuration has 11", eleven.Error,
            StringComparison.Ordinal);
        Assert.False(Directory.Exists(_directory.Combine("data")));
    }

    private static (string Key, string Value)[] Modbus(int devices, int registers = 1) =>
    [
        ("Type", "modbus-client"), ("Mappings:0:Schema", "ModbusReadResponse"), ("Mappings:0:Queue", "readings"),
        .. Enumerable.Range(0, devices).SelectMany(device => ((string, string)[])
        [
            ($"Devices:{device}:Name", $"plc{device}"), ($"Devices:{device}:Host", "127.0.0.1"), ($"Devices:{device}:Unit", $"{device}"),
            ($"Devices:{device}:Points:0:Name", "level"), ($"Devices:{device}:Reads:0:Count", $"{registers}"),
        ]),
    ];

    private static WireSettings Settings(string name, (string Key, string Value)[] settings) => new(
        $"Estream:Adapters:{name}",
        settings.GroupBy(one => one.Key).Select(one => new KeyValuePair<string, string?>(one.Key, one.Last().Value)));

    private HostConfiguration Plan(string edition, params (string Name, (string Key, string Value)[] Settings)[] adapters)
    {
        HostConfiguration plan = new();
        EstreamBuilder builder = new EstreamBuilder(plan).AddMqtt().AddModbus().AddDnp3().AddOpcUa().AddQueue("readings")
            .UseComponents(Workspace, Cache).UseGateway(edition);
        foreach ((string name, (string Key, string Value)[] settings) in adapters)
        {
            builder.AddWireAdapter(name, Settings(name, settings));
        }

        return plan;
    }

    /// <summary>A plan that uses one of a feature.</summary>
    private HostConfiguration Plan(string edition, string feature)
    {
        (string Name, (string, string)[] Settings)[] adapters = feature switch
        {
            "rtu" => [("plant", [("Type", "modbus-client"), ("Devices:0:Name", "plc"), ("Devices:0:Serial:Port", "/dev/ttyS0")])],
            "dnp3" => [("grid", [("Type", "dnp3-master"), ("Devices:0:Name", "rtu"), ("Devices:0:Host", "127.0.0.1")])],
            "opc_ua" => [("line", [("Type", "opcua-client"), ("Servers:0:Name", "press"), ("Servers:0:Url", "opc.tcp://127.0.0.1:4840"),
                ("Servers:0:Items:0:Name", "speed"), ("Servers:0:Items:0:Node", "ns=1;s=speed")])],
            _ => [],
        };
        HostConfiguration plan = Plan(edition, adapters);
        if (feature == "witness")
        {
            new EstreamBuilder(plan).AddWitness("readings", "witness.key");
        }

        return feature == "hot_standby" ? WithStandby(plan, edition) : plan;
    }

    private static HostConfiguration WithStandby(HostConfiguration plan, string edition)
    {
        new EstreamBuilder(plan).UseGateway(edition, hasStandby: true);
        return plan;
    }

    private string Use(string edition, params (string Name, (string Key, string Value)[] Settings)[] adapters) =>
        GatewayEdition.Check(Plan(edition, adapters))!;

    private string Refusal(string edition, params (string Name, (string Key, string Value)[] Settings)[] adapters) =>
        Refused(Plan(edition, adapters));

    private static string Refused(HostConfiguration plan) =>
        Assert.Throws<WireConfigurationException>(() => GatewayEdition.Check(plan)).Message;

    private void Install(string edition) => InstallFolder(RepositoryRoot.Combine("gateways", edition));

    private void InstallManifest(string name, string limits)
    {
        string folder = _directory.Combine(name);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "README.md"), "# A component\n");
        File.WriteAllText(Path.Combine(folder, "estream-component.toml"), $"""
            [component]
            name = "{name}"
            version = "0.1.0"
            category = "integration"
            description = "An integration"
            license = "Apache-2.0"

            [component.integration.limits]
            {limits}

            [component.dependencies]
            wire-modbus-client = "^0.1"
            """);
        InstallFolder(folder);
    }

    private void InstallFolder(string folder, bool isAdded = false)
    {
        ComponentFolder read = ComponentFolder.Read(folder);
        Assert.True(read.Package is not null, string.Join('\n', read.Errors));
        ComponentInstaller.Install(read.Package, Workspace, Cache, isAdded: isAdded);
    }

    private ProcessResult Check(int devices)
    {
        StringBuilder list = new();
        for (int device = 0; device < devices; device++)
        {
            list.Append($$"""{{(device > 0 ? "," : "")}}{"Name":"plc{{device}}","Host":"127.0.0.1","Points":[{"Name":"level"}]}""");
        }

        string config = _directory.Combine("estream.json");
        File.WriteAllText(config, $$$$$"""
            {"Estream":{"Data":"{{{{{_directory.Combine("data")}}}}}","Queues":{"readings":{}},
             "Components":{"Workspace":"{{{{{Workspace}}}}}","Cache":"{{{{{Cache}}}}}"},"Gateway":{"Component":"gateway-lite"},
             "Adapters":{"plant":{"Type":"modbus-client","Devices":[{{{{{list}}}}}],
              "Mappings":[{"Schema":"ModbusReadResponse","Queue":"readings"}]}}}}
            """);
        return ChildProcess.Run("dotnet", [BuiltProgram.Host, "--config", config, "--check"]);
    }

    /// <summary>An adapter of industry that is no <see cref="IFieldAdapterFactory"/>.</summary>
    private sealed class UncountedFactory : IWireAdapterFactory
    {
        public const string Type = "uncounted";

        public AdapterDescriptor Descriptor => new(Type, "Doors", ProtocolFamily.Industrial, ["TCP"], false, false, "Doors.");

        public void Check(string name, EsfSchemaSet schemas, IReadOnlyCollection<string> queues, WireSettings settings)
        {
        }

        public IWireAdapter Create(AdapterContext context, WireSettings settings) => throw new NotSupportedException();
    }
}
