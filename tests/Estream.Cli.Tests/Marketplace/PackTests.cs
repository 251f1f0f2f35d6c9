using Estream.Core;
using Estream.Marketplace.Attestations;
using Estream.Marketplace.Packages;
using Estream.Testing;

namespace Estream.Cli.Tests.Marketplace;

/// <summary>The commands lint, test, pack and rebuild.</summary>
public sealed class PackTests : IDisposable
{
    // The schema file that a component of this repository needs, by the folder of the component.
    private static readonly Dictionary<string, string> s_needs = new(StringComparer.Ordinal)
    {
        ["circuits/wire/iso20022.parse.v1"] = "schemas/esf-payments/schemas/iso20022.esf.yaml",
    };

    private readonly PublisherRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData("pack")]
    [InlineData("docs")]
    public async Task The_out_option_replaces_a_file_but_no_folder_pipe_or_device(string command)
    {
        string folder = await _rig.ScaffoldAsync("theme"), pipe = _rig.At("pipe"), link = _rig.At("link"), file = _rig.At("file");
        ChildProcess.Run("mkfifo", [pipe]).EnsureSuccess();
        File.CreateSymbolicLink(link, pipe);
        Directory.CreateDirectory(_rig.At("folder"));
        foreach ((string name, string what) in new[] { ("pipe", "a pipe, a socket or a device"), ("link", "a pipe, a socket or a device"),
            ("folder", "a folder") })
        {
            Task<CliResult> run = Task.Run(() => _rig.RunAsync(command, folder, "--out", _rig.At(name)));
            Eventually.True(() => run.IsCompleted, "the command returns");
            (await run).AssertFailed(ExitCode.Failed, $"'{_rig.At(name)}' is {what}", "Name a file");
        }

        Assert.Equal((FileKind.Special, FileKind.Link), (FileKinds.Of(pipe), FileKinds.Of(link)));

        // The target of a link is replaced, and the link stays.
        File.WriteAllText(file, "before");
        File.Delete(link);
        File.CreateSymbolicLink(link, file);
        await _rig.OkAsync(command, folder, "--out", link);
        Assert.Equal(FileKind.Link, FileKinds.Of(link));
        Assert.NotEqual("before", File.ReadAllText(file));
        Assert.Empty(Directory.GetFiles(_rig.Folder, "*.tmp"));
    }

    [Fact]
    public async Task A_missing_folder_cannot_be_rebuilt()
    {
        string package = await _rig.PackAsync(await _rig.ScaffoldAsync("theme"));
        (await _rig.RunAsync("rebuild", package, "--from", _rig.At("missing"))).AssertFailed(ExitCode.Failed,
            $"There is no folder '{_rig.At("missing")}'", "Check the path");
        (await _rig.RunAsync("rebuild", _rig.At("missing.escx"), "--from", _rig.Folder)).AssertFailed(ExitCode.Failed,
            $"There is no file '{_rig.At("missing.escx")}'", "Check the path");
    }

    public static TheoryData<string> Components => [.. ((string[])["schemas", "circuits", "components"])
        .SelectMany(root => Directory.EnumerateFiles(RepositoryRoot.Combine(root), "estream-component.toml", SearchOption.AllDirectories))
        .Select(file => Path.GetRelativePath(RepositoryRoot.Path, Path.GetDirectoryName(file)!).Replace('\\', '/'))
        .Where(folder => !folder.Split('/').Any(part => part is "bin" or "obj")).Order(StringComparer.Ordinal)
        .Concat(AdapterComponents.Kinds.Select(kind => Path.GetRelativePath(RepositoryRoot.Path, AdapterComponents.FolderOf(kind))
            .Replace('\\', '/')))];

    [Theory]
    [MemberData(nameof(Components))]
    public async Task A_component_of_this_repository_packs_and_rebuilds_identically(string component)
    {
        string folder = RepositoryRoot.Combine(component);
        string[] needs = s_needs.TryGetValue(component, out string? schema) ? ["--schema", RepositoryRoot.Combine(schema)] : [];
        await _rig.OkAsync(["test", folder, .. needs]);
        foreach (string file in (string[])["one.escx", "two.escx"])
        {
            await _rig.OkAsync(["pack", folder, "--out", _rig.At(file), .. needs]);
        }

        Assert.Equal(File.ReadAllBytes(_rig.At("one.escx")), File.ReadAllBytes(_rig.At("two.escx")));
        Assert.Contains("identical: root256 ", (await _rig.OkAsync("rebuild", _rig.At("one.escx"), "--from", folder)).Output,
            StringComparison.Ordinal);
        using FileStream bytes = File.OpenRead(_rig.At("one.escx"));
        _ = Package.Read(bytes, out Package? package);
        Assert.All(package!.Files.Where(one => one.Path.StartsWith(PackagePath.Attestations, StringComparison.Ordinal)), one =>
        {
            Assert.Equal(PackageAttestationFault.None,
                AttestationReader.Read(one.Content, package.Identity, package.Entries, out PackageAttestation? attestation));
            Assert.NotEqual(false, attestation!.HasPassed);
        });
        Assert.True(package.TryGet(AttestationWriter.BuildPath, out _));
        Assert.Equal(component.StartsWith("circuits/", StringComparison.Ordinal), package.TryGet(AttestationWriter.VectorsPath, out _));
    }

    [Fact]
    public async Task Lint_gives_line_and_column_of_every_error()
    {
        string folder = await _rig.ScaffoldAsync("esf-schema"), manifest = Path.Combine(folder, "estream-component.toml");
        PublisherRig.Replace(manifest, "\"0.1.0\"", "\"0.1\"");
        PublisherRig.Replace(manifest, "license", "licence");
        CliResult result = await _rig.RunAsync("lint", folder);
        Assert.Equal((ExitCode.No, ""), (result.Code, result.Error));
        Assert.Contains(result.Lines,
            line => line.StartsWith($"{manifest}(3,", StringComparison.Ordinal) && line.Contains("MAN007", StringComparison.Ordinal));
        Assert.Contains(result.Lines,
            line => line.StartsWith($"{manifest}(6,1)", StringComparison.Ordinal) && line.Contains("MAN003", StringComparison.Ordinal));
        Assert.All((await _rig.RunAsync("lint", folder, "--json")).Lines,
            line => Assert.StartsWith("{\"file\":", line, StringComparison.Ordinal));
        Assert.Equal(ExitCode.No, (await _rig.RunAsync("pack", folder, "--out", _rig.At("x.escx"))).Code);
        Assert.False(File.Exists(_rig.At("x.escx")));
    }

    [Fact]
    public async Task Lint_reports_a_missing_file_or_schema_at_the_manifest_line_that_names_it()
    {
        string folder = await _rig.ScaffoldAsync("esf-schema"), manifest = Path.Combine(folder, "estream-component.toml");
        PublisherRig.Replace(manifest, "[\"DoorMoved\"]", "[\"DoorMoved\", \"DoorGone\"]");
        Assert.Contains("(10,26): error MAN015: schema 'DoorGone'", (await _rig.RunAsync("lint", folder)).Output, StringComparison.Ordinal);
        PublisherRig.Replace(manifest, "schemas/*.esf.yaml", "schema/*.esf.yaml");
        Assert.Contains("(14,12): error MAN016: no file matches", (await _rig.RunAsync("lint", folder)).Output, StringComparison.Ordinal);
        string theme = await _rig.ScaffoldAsync("theme");
        File.Delete(Path.Combine(theme, "theme.css"));
        Assert.Contains("MAN016: 'theme.css' does not exist", (await _rig.RunAsync("lint", theme)).Output, StringComparison.Ordinal);
        Assert.Contains("MAN016", (await _rig.RunAsync("lint", _rig.Folder)).Output, StringComparison.Ordinal);
        (await _rig.RunAsync("lint", _rig.At("gone"))).AssertFailed(ExitCode.Failed, "There is no folder");
    }

    [Fact]
    public async Task An_error_in_a_pipeline_of_an_integration_is_reported_with_its_line_and_packs_nothing()
    {
        string folder = await _rig.ScaffoldAsync("integration"), pipelines = Path.Combine(folder, "pipelines", "doors.pipeline.yaml");
        PublisherRig.Replace(pipelines, "value > 100.0", "volume > 100.0");
        CliResult result = await _rig.RunAsync("lint", folder);
        Assert.Equal(ExitCode.No, result.Code);
        Assert.Contains(result.Lines,
            line => line.StartsWith($"{pipelines}(9,", StringComparison.Ordinal) && line.Contains("volume", StringComparison.Ordinal));
        Assert.Equal(ExitCode.No, (await _rig.RunAsync("pack", folder, "--out", _rig.At("x.escx"))).Code);
        Assert.False(File.Exists(_rig.At("x.escx")));
    }

    [Fact]
    public async Task Pack_writes_nothing_when_a_vector_or_an_example_fails()
    {
        string circuit = await _rig.ScaffoldAsync("smart-circuit");
        PublisherRig.Replace(Path.Combine(circuit, "doors.circuit.yaml"), "count > 100", "count > 1000");
        CliResult tested = await _rig.RunAsync("test", circuit);
        Assert.Equal(ExitCode.No, tested.Code);
        Assert.StartsWith("FAILED: doors.vectors.json: ", tested.Lines[0], StringComparison.Ordinal);
        Assert.Equal(ExitCode.No, (await _rig.RunAsync("pack", circuit, "--out", _rig.At("x.escx"))).Code);
        Assert.False(File.Exists(_rig.At("x.escx")));
        string schema = await _rig.ScaffoldAsync("esf-schema");
        File.WriteAllText(Path.Combine(schema, "examples", "DoorMoved.json"), "{\"door\": 1}");
        Assert.Equal(ExitCode.No, (await _rig.RunAsync("test", schema)).Code);
    }

    [Fact]
    public async Task A_rebuild_lists_the_differences()
    {
        string folder = await _rig.ScaffoldAsync("theme");
        string package = await _rig.PackAsync(folder);
        File.AppendAllText(Path.Combine(folder, "theme.css"), "/* a */");
        CliResult result = await _rig.RunAsync("rebuild", package, "--from", folder, "--json");
        Assert.Equal(ExitCode.No, result.Code);
        Assert.Contains("theme.css", result.Lines[0], StringComparison.Ordinal);
        Assert.Contains("\"same\":false", result.Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Init_creates_a_component_in_an_empty_folder()
    {
        (await _rig.RunAsync("scaffold", "Doors!", "--category", "theme", "--out", _rig.At("a"))).AssertFailed(ExitCode.Failed,
            "is not a valid component name");
        string folder = await _rig.ScaffoldAsync("theme", "@acme/brass");
        (await _rig.RunAsync("scaffold", "@acme/brass", "--category", "theme", "--out", folder)).AssertFailed(ExitCode.Failed,
            "is not empty");
        Assert.Equal(ExitCode.Ok, (await _rig.RunPlainAsync("init", "--template", "smart-circuit", _rig.At("counts"))).Code);
        Assert.Contains("ok, @example/counts 0.1.0", (await _rig.OkAsync("lint", _rig.At("counts"))).Output, StringComparison.Ordinal);
    }
}
