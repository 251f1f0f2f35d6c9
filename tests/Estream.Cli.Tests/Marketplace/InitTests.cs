using Estream.Testing;

namespace Estream.Cli.Tests.Marketplace;

/// <summary>`estream marketplace init` begins a workspace with the schema packs of the program.</summary>
public sealed class InitTests : IDisposable
{
    private readonly SampleData _data = new();

    private string Workspace => Path.Combine(_data.Folder, "plant");

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task A_workspace_begins_with_the_schema_packs_and_installs_them()
    {
        await OkAsync("marketplace", "init", Workspace);
        string[] found = (await OkAsync("marketplace", "search", "--workspace", Workspace, "--cache", Cache)).Lines;
        Assert.Equal(
            Directory.GetDirectories(RepositoryRoot.Combine("schemas")).Select(Path.GetFileName).Order(StringComparer.Ordinal),
            found.Where(line => line[0] != ' ').Select(line => line.Split(' ')[0]));
        await OkAsync("marketplace", "install", "esf-iot", "--workspace", Workspace, "--cache", Cache, "--yes");
        string folders = (await OkAsync("marketplace", "graph", "--folders", "--workspace", Workspace, "--cache", Cache)).Output;
        Assert.Contains("esf-iot", folders, StringComparison.Ordinal);

        (await _data.RunAsync("marketplace", "init", Workspace)).AssertFailed(ExitCode.Failed, "exists, and is never overwritten");
        await OkAsync("marketplace", "init", Path.Combine(_data.Folder, "second"));
    }

    [Theory]
    [MemberData(nameof(TemplateTests.Categories), MemberType = typeof(TemplateTests))]
    public async Task A_component_of_a_template_installs_with_the_schema_packs_that_it_needs(string template)
    {
        await OkAsync("marketplace", "init", Workspace);
        string component = Path.Combine(_data.Folder, "doors");
        await OkAsync("init", component, "--template", template, "--name", "@acme/doors");
        string registry = Path.Combine(_data.Folder, ".estream", "registry");
        await OkAsync("marketplace", "dev", component, "--registry", registry, "--once");
        await OkAsync("marketplace", "install", "@acme/doors@0.1.0-dev.1", "--workspace", Workspace, "--cache", Cache, "--yes");
    }

    [Fact]
    public async Task The_registry_of_the_packs_is_renewed_after_half_a_day()
    {
        await OkAsync("marketplace", "init", Workspace);
        ManualClock clock = new(SystemTime + 2 * 24 * 3_600_000_000_000);
        _data.CommandClock = clock;
        await OkAsync("marketplace", "search", "--workspace", Workspace, "--cache", Cache);
    }

    [Fact]
    public async Task A_workspace_begins_with_a_registry_and_its_root()
    {
        string registry = Path.Combine(_data.Folder, "registry");
        await OkAsync("marketplace", "registry", "create", registry, "--name", "components.example/main");
        string root = Path.Combine(registry, "public", "roles", "1.root.json");
        await OkAsync("marketplace", "init", Workspace, "--registry", $"directory:{registry}/public", "--root", root);
        Assert.Equal(await File.ReadAllTextAsync(root), await File.ReadAllTextAsync(Path.Combine(Workspace, "registry.root.json")));
        (await _data.RunAsync("marketplace", "search", "--workspace", Workspace, "--cache", Cache))
            .AssertFailed(ExitCode.No, "have no components");
        Assert.False(Directory.Exists(Path.Combine(_data.Folder, ".estream")));
    }

    [Theory]
    [InlineData("directory")]
    [InlineData("oci")]
    public async Task A_relative_path_of_a_registry_is_relative_to_the_current_directory(string kind)
    {
        string root = Path.Combine(_data.Folder, "root.json");
        await File.WriteAllTextAsync(root, "{}");
        string path = Path.GetRelativePath(Environment.CurrentDirectory, Path.Combine(_data.Folder, "registry", "public"));
        await OkAsync("marketplace", "init", Workspace, "--registry", $"{kind}:{path}", "--root", root);
        Assert.Contains($"default = '{kind}:../registry/public'",
            await File.ReadAllTextAsync(Path.Combine(Workspace, "estream-workspace.toml")), StringComparison.Ordinal);
    }

    private static long SystemTime => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000;

    private string Cache => Path.Combine(_data.Folder, "cache");

    private async Task<CliResult> OkAsync(params string[] args)
    {
        CliResult result = await _data.RunAsync(args);
        Assert.True(result.Code == ExitCode.Ok, $"{string.Join(' ', args)}: {result.Output}{result.Error}");
        return result;
    }
}
