namespace Estream.Cli.Tests.Marketplace;

/// <summary>A folder in which tests create components and run a registry, using only the command line.</summary>
internal sealed class PublisherRig : IDisposable
{
    public const string RegistryName = "components.example.org/main";

    private readonly SampleData _data = new();

    public string Folder => _data.Folder;

    public string Registry => At("registry");

    public string Key => At("owner.key");

    public string At(string path) => Path.Combine(_data.Folder, path);

    public Task<CliResult> RunAsync(params string[] args) => _data.RunAsync(["marketplace", .. args]);

    public Task<CliResult> RunPlainAsync(params string[] args) => _data.RunAsync(args);

    public Task<CliResult> RunUntilAsync(CancellationToken end, params string[] args) => _data.RunAsync(end, ["marketplace", .. args]);

    /// <summary>Runs a command that must succeed.</summary>
    public async Task<CliResult> OkAsync(params string[] args)
    {
        CliResult result = await RunAsync(args);
        Assert.True(result.Code == ExitCode.Ok, $"{string.Join(' ', args)}: {result.Output}{result.Error}");
        return result;
    }

    /// <summary>Creates a registry in which <see cref="Key"/> owns <c>@acme</c>.</summary>
    public async Task BeginAsync()
    {
        await OkAsync("registry", "create", Registry, "--name", RegistryName);
        await NewKeyAsync("owner.key");
        await OkAsync("key", "claim", "@acme", "--key", Key, "--registry", Registry);
    }

    public async Task<string> NewKeyAsync(string name)
    {
        Assert.Equal(ExitCode.Ok, (await RunPlainAsync("key", "new", "--out", At(name))).Code);
        return At(name);
    }

    /// <summary>Creates a component from a template and returns its folder.</summary>
    public async Task<string> ScaffoldAsync(string template, string name = "@acme/doors")
    {
        string folder = At(template + "-component");
        await OkAsync("scaffold", name, "--category", template, "--out", folder);
        return folder;
    }

    /// <summary>Packs a folder and returns the package.</summary>
    public async Task<string> PackAsync(string folder, string file = "doors.escx")
    {
        await OkAsync("pack", folder, "--out", At(file));
        return At(file);
    }

    public Task<CliResult> PublishAsync(string package, string? key = null) =>
        RunAsync("publish", package, "--key", key ?? Key, "--registry", Registry);

    public static void Replace(string file, string old, string with)
    {
        string text = File.ReadAllText(file);
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(file, text.Replace(old, with, StringComparison.Ordinal));
    }

    public void Dispose() => _data.Dispose();
}
