using Estream.Host.Configuration;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Workspaces;
using Estream.Streams.Pipelines;
using Estream.Testing;
using Estream.Wire;

namespace Estream.Host.Tests.Components;

/// <summary>Installed circuits, schema packs and integrations take effect when the configuration is loaded, after the same checks as
/// adapters.</summary>
public sealed class InstalledComponentsTests : IDisposable
{
    private const string Circuit = """
        escir_version: "0.8.0"
        name: acme.high.v1
        version: "1.0.0"
        inputs: [{ name: meters, type: plant.meters.MeterReading }]
        outputs: [{ name: high, type: plant.meters.MeterReading }]
        compute: [{ id: much, type: filter, when: kwh > 100.0 }]
        flows: [meters -> much -> high]
        """;

    private const string Permissions = "permissions = [\"queue:append.high\", \"queue:read.meters\"]";

    private readonly TempDirectory _directory = new();
    private int _sources;

    public InstalledComponentsTests() => Directory.CreateDirectory(Workspace);

    private string Workspace => _directory.Combine("workspace");

    private string Cache => _directory.Combine("cache");

    private string Revoked => _directory.Combine("revoked");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void An_installed_circuit_runs_with_the_schemas_of_an_installed_pack()
    {
        InstallPack();
        InstallCircuit();
        (PipelineFiles files, IReadOnlyList<SettingError> errors) = Load();
        Assert.Empty(errors);
        DeclaredPipeline pipeline = Assert.Single(files.Pipelines);
        Assert.Equal(("acme.high.v1.high", "meters", "high"), (pipeline.Name, pipeline.Source, pipeline.OutputQueue));
        Assert.True(files.Schemas.Schemas.TryGet("plant.meters.MeterReading", out _));
        Assert.StartsWith(Cache, files.Schemas.Schemas.Files[^1].Name, StringComparison.Ordinal);
    }

    [Fact]
    public void A_circuit_that_is_not_installed_or_changed_or_revoked_is_refused()
    {
        InstallPack();
        Assert.Contains("@acme/high is not installed in the workspace", Refusal(), StringComparison.Ordinal);
        InstallCircuit();
        File.WriteAllText(Revoked, "@acme/high\n");
        Assert.Contains("@acme/high 1.0.0 is revoked", Refusal(), StringComparison.Ordinal);
        File.WriteAllText(Revoked, "");
        File.AppendAllText(Path.Combine(FolderOf("@acme/high"), "high.circuit.yaml"), "# changed\n");
        Assert.Contains("the files of @acme/high 1.0.0 have changed since the installation", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_circuit_needs_approved_permissions_for_the_queues_that_it_names()
    {
        InstallPack();
        string named = Circuit.Replace("name: high, type", "name: high, queue: alarms, type", StringComparison.Ordinal);
        InstallCircuit(circuit: named);
        Assert.Contains("without the permissions queue:append.alarms", Refusal(), StringComparison.Ordinal);
        const string All = "permissions = [\"queue:append.alarms\", \"queue:read.meters\"]";
        InstallCircuit(All, circuit: named, approved: []);
        Assert.Contains("requires the permissions queue:append.alarms, queue:read.meters, which are not approved", Refusal(),
            StringComparison.Ordinal);
        InstallCircuit(All, circuit: named);
        Assert.Empty(Load().Errors);
        InstallCircuit("permissions = [\"queue:append.alarms\"]", circuit: named);
        Assert.Contains("without the permissions queue:read.meters", Refusal(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Permissions, "targets = [\"fpga\"]", "", "has the targets fpga, but a host runs circuits on its processor")]
    [InlineData(Permissions, "", "[component.engines]\nhost = \">=9.0\"", "requires a host >=9.0")]
    public void A_circuit_for_another_target_or_host_is_refused(string head, string circuit, string more, string expected)
    {
        InstallPack();
        InstallCircuit(head, circuit, more);
        Assert.Contains(expected, Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_component_without_a_workspace_is_refused()
    {
        const string Json = """{"Estream":{"Queues":{"meters":{},"high":{}},"Circuits":["@acme/high"]}}""";
        Assert.Contains("no component workspace is configured", Assert.Single(Load(Json).Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pack_that_contradicts_the_schemas_of_the_host_is_refused()
    {
        InstallPack(File.ReadAllText(RepositoryRoot.Combine("schemas", "esf-iot", "schemas", "iot-telemetry.esf.yaml")) + "\n# other\n",
            "iot-telemetry.esf.yaml");
        WireConfigurationException refused = Assert.Throws<WireConfigurationException>(() => Load());
        Assert.StartsWith("Estream:Components:Workspace: the schemas of @acme/meters 1.0.0 cannot be used: iot-telemetry.esf.yaml differs",
            refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_integration_adds_settings_and_pipelines_that_the_host_may_override()
    {
        InstallPack();
        InstallIntegration("""
            {"Estream":{"Queues":{"meters":{"RetainedBytes":1000},"high":{}},
             "Adapters":{"devices":{"Type":"mqtt-endpoint","Port":1999,"MaxConnections":5}}}}
            """);
        (PipelineFiles files, IReadOnlyList<SettingError> errors, ConfigurationFile file) = LoadAll("""
            "Components":{"Integrations":["@acme/plant"],COMPONENTS},"Adapters":{"devices":{"Port":2000}}
            """);
        Assert.Empty(errors);
        Assert.Equal("much", Assert.Single(files.Declared).Name);
        Assert.Equal(("1000", "2000", "5"), (file.Root["Estream:Queues:meters:RetainedBytes"], file.Root["Estream:Adapters:devices:Port"],
            file.Root["Estream:Adapters:devices:MaxConnections"]));
    }

    [Theory]
    [InlineData("""{"Estream":{"Http":{"LoopbackRole":"admin"}}}""",
        "sets Estream:Http in settings.json, which only the configuration of the host may set")]
    [InlineData("{", "settings.json of @acme/plant 1.0.0 is not valid JSON")]
    public void Settings_that_an_integration_may_not_have_are_refused(string settings, string expected)
    {
        InstallPack();
        InstallIntegration(settings);
        WireConfigurationException refused = Assert.Throws<WireConfigurationException>(
            () => LoadAll("""
            "Components":{"Integrations":["@acme/plant"],COMPONENTS}
            """));
        Assert.StartsWith("Estream:Components:Integrations:0: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    private string Refusal() => Assert.Single(Load().Errors, error => error.Path == "Estream:Circuits:0").Message;

    private (PipelineFiles Files, IReadOnlyList<SettingError> Errors) Load(string? json = null)
    {
        (PipelineFiles files, IReadOnlyList<SettingError> errors, _) = json is null
            ? LoadAll("""
                "Components":{COMPONENTS},"Queues":{"meters":{},"high":{},"alarms":{}},"Circuits":["@acme/high"]
                """)
            : LoadFile(json);
        return (files, errors);
    }

    private (PipelineFiles Files, IReadOnlyList<SettingError> Errors, ConfigurationFile File) LoadAll(string settings)
    {
        if (!File.Exists(Revoked))
        {
            File.WriteAllText(Revoked, "");
        }

        return LoadFile($"{{\"Estream\":{{{settings}}}}}".Replace("COMPONENTS",
            $"\"Workspace\":\"{Workspace}\",\"Cache\":\"{Cache}\",\"RevokedFile\":\"{Revoked}\"", StringComparison.Ordinal));
    }

    private (PipelineFiles Files, IReadOnlyList<SettingError> Errors, ConfigurationFile File) LoadFile(string json)
    {
        string path = _directory.Combine("estream.json");
        File.WriteAllText(path, json);
        SettingErrors errors = new();
        ConfigurationFile file = ConfigurationFile.Load(path, _ => null, errors);
        PipelineFiles files = PipelineFiles.Load(file.Root, SchemaLookup.Load(file.Root, errors), errors);
        return (files, [.. errors.Items], file);
    }

    private string FolderOf(string component) => new ComponentCache(Cache).FolderOf(
        new WorkspaceFolder(Workspace).ReadLock()!.Components.Single(one => one.Name.ToString() == component).Root256);

    private void InstallPack(string schemas = Process.HostFiles.MeterSchema, string file = "meters.esf.yaml") => Install(
        "@acme/meters", "esf-schema", "", "[component.schemas]\nprovides = [\"MeterReading\"]\n\n[component.include]\nschemas = "
            + "[\"schemas/*.esf.yaml\"]\n",
        null, ($"schemas/{file}", schemas));

    private void InstallCircuit(string head = Permissions, string details = "", string more = "", string circuit = Circuit,
        string[]? approved = null) => Install("@acme/high", "smart-circuit", head,
            $"[component.circuit]\nentry = \"high.circuit.yaml\"\nvectors = [\"high.vectors.json\"]\n{details}\n\n{more}\n",
            approved, ("high.circuit.yaml", circuit), ("high.vectors.json", "{ \"vectors\": [] }"));

    private void InstallIntegration(string settings) => Install("@acme/plant", "integration", "",
        "[component.integration]\npipelines = [\"much.pipeline.yaml\"]\nsettings = \"settings.json\"\n\n[component.dependencies]\n"
            + "\"@acme/meters\" = \"^1.0\"\n",
        null, ("settings.json", settings), ("much.pipeline.yaml", """
            version: "1.0"
            pipelines:
              much:
                from: { queue: meters, schema: MeterReading }
                stages: [{ filter: kwh > 100.0 }]
                to: { queue: high }
            """));

    private void Install(string name, string category, string head, string rest, string[]? approved,
        params (string Path, string Text)[] files)
    {
        string folder = _directory.Combine($"source-{_sources++}");
        foreach ((string path, string text) in files.Append((ComponentManifest.FileName, $"""
            [component]
            name = "{name}"
            version = "1.0.0"
            category = "{category}"
            description = "A component"
            license = "Apache-2.0"
            {head}

            {rest}
            """)))
        {
            string full = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full, text);
        }

        PackageBuildResult built = PackageBuilder.Build(folder);
        Assert.True(built.Package is not null, string.Join('\n', built.Problems));
        bool isAdded = new WorkspaceFolder(Workspace).ReadLock() is not null;
        ComponentInstaller.Install(built.Package, Workspace, Cache, approved, isAdded);
    }
}
