using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.Loader;
using System.Text;
using System.Text.Json;
using Estream.Cli.Commands.Marketplace;
using Estream.Core;
using Estream.Esf;
using Estream.Marketplace.Manifests;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire;

namespace Estream.Cli.Tests.Marketplace;

/// <summary>The template of each category lints, tests and packs unchanged, and does its work.</summary>
public sealed class TemplateTests : IDisposable
{
    private readonly PublisherRig _rig = new();

    public static TheoryData<string> Categories => [.. ComponentCategories.Names];

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Each_category_has_a_template() =>
        Assert.Equal(ComponentCategories.Names.Order(StringComparer.Ordinal), ComponentTemplates.Names);

    [Theory]
    [MemberData(nameof(Categories))]
    public async Task A_component_from_init_lints_tests_and_packs(string category)
    {
        string folder = _rig.At(category), manifest = Path.Combine(folder, ComponentManifest.FileName);
        CliResult made = await _rig.RunPlainAsync("init", "--template", category, "--name", "@nobody/counts", folder);
        Assert.Equal((ExitCode.Ok, ""), (made.Code, made.Error));
        Assert.Contains(manifest, made.Lines);
        Assert.Contains($"category = \"{category}\"\n", File.ReadAllText(manifest), StringComparison.Ordinal);
        Assert.Contains("name = \"@nobody/counts\"\n", File.ReadAllText(manifest), StringComparison.Ordinal);
        Assert.StartsWith("# @nobody/counts\n", File.ReadAllText(Path.Combine(folder, "README.md")), StringComparison.Ordinal);
        Assert.Contains("ok, @nobody/counts 0.1.0", (await _rig.OkAsync("lint", folder)).Output, StringComparison.Ordinal);
        await _rig.OkAsync("test", folder);
        await _rig.OkAsync("rebuild", await _rig.PackAsync(folder), "--from", folder);
    }

    [Fact]
    public async Task A_widget_can_be_created_by_its_short_category_and_a_scoped_name()
    {
        using TempDirectory place = new();
        ProcessResult made = ChildProcess.Run("dotnet", [BuiltProgram.Cli, "init", "--template", "widget", "@owner/name"], place.Path)
            .EnsureSuccess();
        Assert.EndsWith("Next: estream marketplace lint name\n", made.Output, StringComparison.Ordinal);
        string manifest = File.ReadAllText(place.Combine("name", ComponentManifest.FileName));
        Assert.Contains("name = \"@owner/name\"\n", manifest, StringComparison.Ordinal);
        Assert.Contains("category = \"console-widget\"\n", manifest, StringComparison.Ordinal);
        Assert.Contains("ok, @owner/name 0.1.0", (await _rig.OkAsync("lint", place.Combine("name"))).Output, StringComparison.Ordinal);
        ChildProcess.Run("dotnet", [BuiltProgram.Cli, "marketplace", "scaffold", "@owner/other", "--category", "widget"], place.Path)
            .EnsureSuccess();
        Assert.True(Directory.Exists(place.Combine("other", "dist")));
    }

    [Fact]
    public async Task The_widget_template_contains_the_icon_and_the_thumbnail_that_it_names()
    {
        string folder = await _rig.ScaffoldAsync("console-widget");
        string[] images = [.. File.ReadLines(Path.Combine(folder, "widget.manifest.yaml"))
            .Where(line => line.Contains("assets/", StringComparison.Ordinal)).Select(line => line.Split('"')[1])];
        Assert.Equal(["assets/icon.svg", "assets/thumbnail.png"], images);
        Assert.All(images, image => Assert.Equal(
            File.ReadAllBytes(RepositoryRoot.Combine("src", "Estream.Cli", "Templates", "console-widget", image)),
            File.ReadAllBytes(Path.Combine(folder, image))));
    }

    [Fact]
    public async Task A_widget_has_the_sdk_as_a_package_that_its_package_json_names()
    {
        string folder = await _rig.ScaffoldAsync("console-widget");
        using JsonDocument own = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "package.json")));
        string sdk = own.RootElement.GetProperty("devDependencies").GetProperty("@estream/sdk-browser").GetString()!;
        Assert.StartsWith("file:vendor/", sdk, StringComparison.Ordinal);
        using FileStream file = File.OpenRead(Path.Combine(folder, sdk["file:".Length..]));
        string unpacked = _rig.At("sdk");
        Directory.CreateDirectory(unpacked);
        await using (GZipStream tar = new(file, CompressionMode.Decompress))
        {
            await TarFile.ExtractToDirectoryAsync(tar, unpacked, overwriteFiles: false);
        }

        string package = Path.Combine(unpacked, "package"), source = RepositoryRoot.Combine("packages", "sdk-browser", "src");
        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(package, "package.json")));
        Assert.Equal("@estream/sdk-browser", manifest.RootElement.GetProperty("name").GetString());
        Assert.All(manifest.RootElement.GetProperty("exports").EnumerateObject(),
            entry => Assert.True(File.Exists(Path.Combine(package, entry.Value.GetString()!)), entry.Name));
        Assert.Equal(Directory.GetFiles(source).Select(Path.GetFileName).Order(StringComparer.Ordinal),
            Directory.GetFiles(Path.Combine(package, "src")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(Directory.GetFiles(source), one => Assert.Equal(File.ReadAllBytes(one),
            File.ReadAllBytes(Path.Combine(package, "src", Path.GetFileName(one)))));
    }

    [Fact]
    public async Task An_unknown_template_lists_the_existing_ones_and_a_scope_alone_is_not_a_name()
    {
        CliResult unknown = await _rig.RunPlainAsync("init", "--template", "gadget", _rig.At("a"));
        unknown.AssertFailed(ExitCode.Failed, "There is no template 'gadget'", "'console-widget'", "'widget'");
        (await _rig.RunPlainAsync("init", "--template", "wigdet", _rig.At("a"))).AssertFailed(ExitCode.Failed, "Did you mean 'widget'?");
        (await _rig.RunAsync("scaffold", "@acme/a", "--category", "thema")).AssertFailed(ExitCode.Failed, "Did you mean 'theme'?");
        (await _rig.RunPlainAsync("init", "--template", "widget", "@owner")).AssertFailed(ExitCode.Failed,
            "'@owner' is not a valid component name");
        Assert.False(Directory.Exists("@owner"));
    }

    [Fact]
    public async Task A_name_without_its_at_sign_is_refused_instead_of_changed()
    {
        (await _rig.RunPlainAsync("init", "--template", "widget", "acme/x")).AssertFailed(ExitCode.Failed,
            "either the folder 'acme/x' or the component '@acme/x'", "--name");
        Assert.False(Directory.Exists("acme"));
    }

    [Theory]
    [InlineData("theme", "theme.css", "  --ink: #f2e9dc;", "  --ink: #444444;", "theme.css(8,1): error MAN012: in mode dark, the contrast")]
    [InlineData("widget", "dist/index.js", "from 'react'", "from 'd3'", "index.js(1,1): error MAN012: imports 'd3'")]
    [InlineData("widget", "widget.manifest.yaml", "[\"viewer\"]", "[\"admin\"]", "required_roles is [admin], but [viewer] in ")]
    [InlineData("widget", "estream-component.toml", "[component.include]\nassets = [\"assets/*\"]\n", "",
        "'assets/icon.svg' is not in the")]
    [InlineData("widget", "estream-component.toml", "data:read.doors", "data:read.windows", "Add \"data:read.doors\" to permissions")]
    [InlineData("widget", "assets/icon.svg", "<circle", "<script/><circle", "has the element 'script'")]
    public async Task Lint_reports_an_error_in_what_the_console_shows(string template, string file, string text, string other, string told)
    {
        string folder = await _rig.ScaffoldAsync(template), path = Path.Combine(folder, file);
        string whole = File.ReadAllText(path);
        Assert.Contains(text, whole, StringComparison.Ordinal);
        File.WriteAllText(path, whole.Replace(text, other, StringComparison.Ordinal));
        CliResult result = await _rig.RunAsync("lint", folder);
        Assert.Equal(ExitCode.No, result.Code);
        Assert.Contains(told, result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lint_warns_about_a_bundle_over_the_usual_size()
    {
        string folder = await _rig.ScaffoldAsync("widget");
        Assert.DoesNotContain("Warning", (await _rig.RunAsync("lint", folder)).Error, StringComparison.Ordinal);
        File.AppendAllText(Path.Combine(folder, "dist", "index.js"), "//" + new string('x', 600_000) + "\n");
        string manifest = Path.Combine(folder, "estream-component.toml");
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("framework = \"react\"",
            "framework = \"react\"\nmax_bundle_size_kb = 700",
            StringComparison.Ordinal));
        CliResult result = await _rig.RunAsync("lint", folder);
        Assert.Equal(ExitCode.Ok, result.Code);
        Assert.Contains("over 500000 bytes", result.Output + result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_integration_template_has_a_valid_pipeline_and_json_settings()
    {
        string folder = await _rig.ScaffoldAsync("integration"), pipeline = Path.Combine(folder, "pipelines", "doors.pipeline.yaml");
        CliResult result = await _rig.RunPlainAsync("pipeline", "check", pipeline);
        Assert.Equal((ExitCode.Ok, $"{pipeline}: ok, busy-doors\n"), (result.Code, result.Output));
        using JsonDocument settings = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "settings.json")));
        Assert.True(settings.RootElement.GetProperty("Estream").GetProperty("Queues").TryGetProperty("busy-doors", out _));
    }

    [PeerFact("python3", "python3")]
    public async Task The_plugin_template_serves_its_defined_tools()
    {
        string folder = await _rig.ScaffoldAsync("plugin"), requests = _rig.At("requests");
        File.WriteAllLines(requests,
        [
            """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18"}}""",
            """{"jsonrpc":"2.0","method":"notifications/initialized"}""",
            """{"jsonrpc":"2.0","id":2,"method":"tools/list"}""",
            """{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"list_doors","arguments":{"open":true}}}""",
            """{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"open_door","arguments":{}}}""",
            """{"jsonrpc":"2.0","id":5,"method":"nonsense"}""",
        ]);
        ProcessResult run = ChildProcess.Run("/bin/sh", ["-c", "python3 door_tools.py < \"$0\"", requests], folder).EnsureSuccess();
        JsonElement[] answers =
            [.. run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal([1, 2, 3, 4, 5], answers.Select(answer => answer.GetProperty("id").GetInt32()));
        using JsonDocument definitions = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "tools.json")));
        Assert.True(
            JsonElement.DeepEquals(definitions.RootElement.GetProperty("tools"), answers[1].GetProperty("result").GetProperty("tools")));
        Assert.Equal("north", answers[2].GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString());
        Assert.True(answers[3].GetProperty("result").GetProperty("isError").GetBoolean());
        Assert.Equal(-32601, answers[4].GetProperty("error").GetProperty("code").GetInt32());
    }

    [PeerFact("verilator", "verilator")]
    public async Task The_card_circuit_template_is_accepted_by_a_translator()
    {
        string folder = await _rig.ScaffoldAsync("fpga-circuit");
        ChildProcess.Run("verilator", ["--lint-only", "-Wall", "--top-module", "doors", Path.Combine("rtl", "doors.sv")], folder)
            .EnsureSuccess();
    }

    [Fact]
    public async Task The_adapter_template_stores_datagrams_in_a_queue()
    {
        string folder = await _rig.ScaffoldAsync("wire-adapter");
        AssemblyLoadContext code = new("doors", isCollectible: true);
        try
        {
            using MemoryStream bytes = new(File.ReadAllBytes(Path.Combine(folder, "lib", "Doors.dll")));
            Assembly assembly = code.LoadFromStream(bytes);
            ManifestReadResult read = ManifestReader.Read(File.ReadAllBytes(Path.Combine(folder, ComponentManifest.FileName)));
            AdapterDetails details = Assert.IsType<AdapterDetails>(read.Manifest!.Details);
            IWireAdapterFactory factory = Assert.IsAssignableFrom<IWireAdapterFactory>(
                Activator.CreateInstance(assembly.GetType(details.Factory, throwOnError: true)!));
            Assert.Equal(details.Protocol, factory.Descriptor.Type);
            Assert.Equal(details.IsBidirectional, factory.Descriptor.IsBidirectional);
            await SendAsync(factory);
        }
        finally
        {
            code.Unload();
        }
    }

    private async Task SendAsync(IWireAdapterFactory factory)
    {
        int port = FreePort.Next();
        using EstreamQueue telemetry = EstreamQueue.Open(_rig.At("telemetry")), letters = EstreamQueue.Open(_rig.At("letters"));
        using IngressSinks sinks = new(letters, EsfSchemaSet.BuiltIn);
        sinks.Add("telemetry", telemetry);
        WireSettings settings = new("Adapters:doors", new Dictionary<string, string?>
        {
            ["Port"] = $"{port}", ["Mappings:0:Topic"] = "doors/{device_id}", ["Mappings:0:Schema"] = "IoTTelemetry",
            ["Mappings:0:Queue"] = "telemetry",
        });
        factory.Check("doors", EsfSchemaSet.BuiltIn, ["telemetry"], settings.Afresh());
        await using IWireAdapter adapter =
            factory.Create(new AdapterContext("doors", EsfSchemaSet.BuiltIn, sinks, SystemClock.Instance, _ => { }), settings);
        await adapter.StartAsync(CancellationToken.None);
        using CancellationTokenSource end = new();
        Task ingest = adapter.Ingest(end.Token);
        using UdpClient door = new();
        foreach (string datagram in (string[])["north {\"timestamp\":1,\"metric_name\":\"door_opened\",\"value\":3}", "nothing"])
        {
            await door.SendAsync(Encoding.UTF8.GetBytes(datagram), new IPEndPoint(IPAddress.Loopback, port));
        }

        Eventually.True(() => adapter.Statistics.ReceivedTotal == 2, "both datagrams are stored");
        Assert.Equal((1L, HealthState.Healthy), (adapter.Statistics.RejectedTotal, adapter.Health.State));
        await end.CancelAsync();
        await ingest;
        Assert.Equal((1L, 1L), (Count(telemetry), Count(letters)));
    }

    private static long Count(EstreamQueue queue)
    {
        using QueueTailer tailer = queue.CreateTailer();
        long count = 0;
        while (tailer.TryRead(out _))
        {
            count++;
        }

        return count;
    }
}
