using System.Text.Json.Nodes;
using Estream.Testing;

namespace Estream.Cli.Tests.Marketplace;

/// <summary>The components of this repository, published from their folders to a registry and its mirrors and installed into workspaces,
/// only with the command line.</summary>
public sealed class ThreeRegistriesTests : IDisposable
{
    private static readonly string[] s_built = ["bin", "obj"];
    private static readonly string[] s_roots = ["schemas", "circuits"];

    private readonly PublisherRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [PeerFact("/usr/bin/git", "git")]
    public async Task All_components_of_this_repository_install_from_a_directory_Git_and_OCI_with_one_lock_file()
    {
        string[] names = await PublishAllAsync();
        string git = _rig.At("remote.git"), places = "directory:" + Path.Combine(_rig.Registry, "public");
        ChildProcess.Run("/usr/bin/git", ["init", "--quiet", "--bare", git]).EnsureSuccess();
        CliResult copied = await _rig.OkAsync("mirror", places, "git:" + git, "--cache", _rig.At("mirroring"));
        Assert.StartsWith($"{names.Length} releases of {names.Length} components were copied", copied.Lines[^1], StringComparison.Ordinal);
        await _rig.OkAsync("mirror", "git:" + git, "oci:" + _rig.At("layout"), "--cache", _rig.At("mirroring"));

        List<byte[]> locks = [];
        foreach (string place in new[] { places, "git:" + git, "oci:" + _rig.At("layout") })
        {
            string workspace = Workspace("workspace" + locks.Count, place);
            CliResult asked = await RunAsync("install", workspace, names);
            Assert.Equal(ExitCode.No, asked.Code);
            Assert.Contains(asked.Lines,
                line => line.Contains("needs approval: @samples/line-file 1.0.0 asks for the permission queue:append.telemetry",
                    StringComparison.Ordinal));
            Assert.Contains(asked.Lines,
                line => line.Contains("needs approval: wire-iso20022-folder 0.1.0 asks for the permission fs:read.*",
                    StringComparison.Ordinal));
            await DoneAsync("install", workspace, [.. names, "--yes"]);
            locks.Add(await File.ReadAllBytesAsync(Path.Combine(workspace, "estream-workspace.lock")));
            CliResult verified = await DoneAsync("verify", workspace);
            Assert.Equal(names.Length,
                verified.Lines.Count(line => line.EndsWith("verified, from " + PublisherRig.RegistryName, StringComparison.Ordinal)));
        }

        Assert.Equal(locks[0], locks[1]);
        Assert.Equal(locks[0], locks[2]);
        await AssertRunsFromCacheAsync(_rig.At("workspace2"), names.Length);
    }

    /// <summary>Each installed circuit passes its golden vectors with the installed schemas, in the folders that `graph` prints.</summary>
    private async Task AssertRunsFromCacheAsync(string workspace, int count)
    {
        CliResult graph = await _rig.OkAsync("graph", "--json", "--workspace", workspace, "--cache", workspace + "-cache");
        string[] folders = [.. graph.Lines.Select(line => JsonNode.Parse(line)!["folder"]!.GetValue<string>())];
        Assert.Equal(count, folders.Length);
        Assert.All(folders, folder => Assert.StartsWith(workspace + "-cache", folder, StringComparison.Ordinal));
        CliResult named = await _rig.OkAsync("graph", "--folders", "--workspace", workspace, "--cache", workspace + "-cache");
        Assert.Equal(folders, named.Lines.Select(line => line[(line.IndexOf("  ", StringComparison.Ordinal) + 2)..]));
        Assert.Contains("not on this machine; run 'estream marketplace install'",
            (await _rig.OkAsync("graph", "--folders", "--workspace", workspace, "--cache", _rig.At("empty"))).Output,
            StringComparison.Ordinal);

        string[] schemas = [.. Files(folders, "*.esf.yaml").SelectMany(file => new[] { "--schema", file })];
        string[] circuits = [.. Files(folders, "*.circuit.yaml")];
        Assert.Equal(Directory.GetFiles(RepositoryRoot.Combine("circuits"), "*.circuit.yaml", SearchOption.AllDirectories).Count(IsSource),
            circuits.Length);
        foreach (string circuit in circuits.Where(file => Directory.GetFiles(Path.GetDirectoryName(file)!, "*.vectors.json").Length > 0))
        {
            CliResult tested = await _rig.RunPlainAsync(["circuit", "test", .. schemas, circuit]);
            Assert.True(tested.Code == ExitCode.Ok && tested.Output.Contains(" passed, 0 failed", StringComparison.Ordinal),
                $"{circuit}: {tested.Output}{tested.Error}");
        }
    }

    private static IEnumerable<string> Files(string[] folders, string pattern) =>
        folders.SelectMany(folder => Directory.GetFiles(folder, pattern, SearchOption.AllDirectories)).Order(StringComparer.Ordinal);

    [Fact]
    public async Task A_new_user_can_find_install_update_remove_and_roll_back()
    {
        await _rig.BeginAsync();
        string folder = await _rig.ScaffoldAsync("smart-circuit");
        Assert.Equal(ExitCode.Ok, (await _rig.PublishAsync(await _rig.PackAsync(folder))).Code);
        string workspace = Workspace("workspace", "directory:" + Path.Combine(_rig.Registry, "public"));
        Assert.Matches($"^@acme/doors [0-9.]+  [a-z-]+, from {PublisherRig.RegistryName}\n",
            (await DoneAsync("search", workspace, "door")).Output);
        Assert.StartsWith("@acme/doors 0.1.0  smart-circuit", (await DoneAsync("show", workspace, "@acme/doors")).Output,
            StringComparison.Ordinal);
        await DoneAsync("install", workspace, "@acme/doors", "--yes");
        byte[] first = await File.ReadAllBytesAsync(Path.Combine(workspace, "estream-workspace.lock"));

        string[] manifest = Directory.GetFiles(folder, "estream-component.toml");
        PublisherRig.Replace(manifest[0], "version = \"0.1.0\"", "version = \"0.1.1\"");
        PublisherRig.Replace(Directory.GetFiles(folder, "*.circuit.yaml", SearchOption.AllDirectories)[0], "version: \"0.1.0\"",
            "version: \"0.1.1\"");
        Assert.Equal(ExitCode.Ok, (await _rig.PublishAsync(await _rig.PackAsync(folder, "second.escx"))).Code);
        Assert.Contains("~ @acme/doors 0.1.0 -> 0.1.1", (await DoneAsync("update", workspace)).Output, StringComparison.Ordinal);
        Assert.Contains("~ @acme/doors 0.1.1 -> 0.1.0", (await DoneAsync("rollback", workspace)).Output, StringComparison.Ordinal);
        Assert.Equal(first, await File.ReadAllBytesAsync(Path.Combine(workspace, "estream-workspace.lock")));
        Assert.StartsWith("@acme/doors 0.1.0", (await _rig.OkAsync("graph", "--workspace", workspace)).Output, StringComparison.Ordinal);

        await _rig.OkAsync("yank", "@acme/doors@0.1.1", "--reason", "Counts every door twice.", "--key", _rig.Key, "--registry",
            _rig.Registry);
        Assert.Contains("yanked: Counts every door twice.", (await DoneAsync("show", workspace, "@acme/doors")).Output,
            StringComparison.Ordinal);
        Assert.DoesNotContain("0.1.1", (await DoneAsync("update", workspace)).Output, StringComparison.Ordinal);
        Assert.Contains("- @acme/doors 0.1.0", (await DoneAsync("remove", workspace, "@acme/doors")).Output, StringComparison.Ordinal);
    }

    private async Task<string[]> PublishAllAsync()
    {
        await _rig.BeginAsync();
        foreach (string owned in new[] { "estream", "@samples" })
        {
            await _rig.OkAsync("key", "claim", owned, "--key", _rig.Key, "--registry", _rig.Registry);
        }

        List<string> names = [];
        string[] schemas = [.. Directory.GetFiles(RepositoryRoot.Combine("schemas"), "*.esf.yaml", SearchOption.AllDirectories)
            .Where(IsSource).Order(StringComparer.Ordinal)];
        foreach (string folder in Folders())
        {
            string package = _rig.At($"{names.Count}.escx");
            string[] others = [.. schemas.Where(file => !file.StartsWith(folder, StringComparison.Ordinal))
                .SelectMany(file => new[] { "--schema", file })];
            CliResult packed = await _rig.RunAsync(["pack", folder, "--out", package, .. others]);
            Assert.True(packed.Code == ExitCode.Ok, $"{folder}: {packed.Output}{packed.Error}");
            CliResult published = await _rig.RunAsync(["publish", package, "--key", _rig.Key, "--registry", _rig.Registry, .. others]);
            Assert.True(published.Code == ExitCode.Ok, $"{folder}: {published.Output}{published.Error}");
            names.Add(published.Lines[0].Split(' ')[0]);
        }

        return [.. names];
    }

    private static IEnumerable<string> Folders() =>
    [
        .. s_roots.SelectMany(root =>
            Directory.GetFiles(RepositoryRoot.Combine(root), "estream-component.toml", SearchOption.AllDirectories)).Where(IsSource)
                .Select(file => Path.GetDirectoryName(file)!).Order(StringComparer.Ordinal),
        .. AdapterComponents.Kinds.Select(AdapterComponents.FolderOf),
        Path.GetDirectoryName(BuiltProgram.Find("samples/LineFile", Path.Combine("component", "estream-component.toml")))!,
    ];

    private static bool IsSource(string file) => !Path.GetRelativePath(RepositoryRoot.Path, file).Split(Path.DirectorySeparatorChar)
        .Any(s_built.Contains);

    private string Workspace(string name, string place)
    {
        string folder = _rig.At(name), root = Path.Combine(_rig.Registry, "public", "roles", "1.root.json");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "estream-workspace.toml"),
            $"[components]\n\n[registries]\n\"*\" = \"{place}\"\ndefault = \"{place}\"\n\n[trust]\n\"*\" = \"{root}\"\ndefault = "
            + $"\"{root}\"\n\n[engines]\nhost = \"0.1.0\"\n");
        return folder;
    }

    private Task<CliResult> RunAsync(string verb, string workspace, params string[] args) =>
        _rig.RunAsync([verb, .. args, "--workspace", workspace, "--cache", workspace + "-cache"]);

    private async Task<CliResult> DoneAsync(string verb, string workspace, params string[] args)
    {
        CliResult result = await RunAsync(verb, workspace, args);
        Assert.True(result.Code == ExitCode.Ok, $"{verb}: {result.Output}{result.Error}");
        return result;
    }
}
