using System.Text;
using Estream.Core;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Tests.Client;
using Estream.Testing;

namespace Estream.Cli.Tests.Marketplace;

/// <summary>A workspace with a directory registry, to run command lines on.</summary>
internal sealed class MarketplaceData : IDisposable
{
    private readonly TempDirectory _folder = new();

    public MarketplaceData(IClock? clock = null)
    {
        Clock = clock ?? Manual;
        Registry = PublishedRegistry.Create(Clock);
        Place = new DirectoryRegistry(Combine("registry"));
        Directory.CreateDirectory(Combine("workspace"));
        File.WriteAllBytes(Combine("workspace", "root.json"), Registry.RootFile);
        Write("[components]\n");
    }

    /// <summary>The answers of the person at the terminal; null without a terminal.</summary>
    public Func<string, bool>? Answer { get; set; }

    /// <summary>The hidden input of the person at the terminal; null without a terminal.</summary>
    public Func<string, string>? Secret { get; set; }

    /// <summary>The text of standard input.</summary>
    public string Input { get; set; } = "";

    public ManualClock Manual { get; } = new(1_700_000_000_000_000_000);

    public IClock Clock { get; }

    public PublishedRegistry Registry { get; }

    public DirectoryRegistry Place { get; }

    public string LockPath => Combine("workspace", "estream-workspace.lock");

    public string ManifestPath => Combine("workspace", "estream-workspace.toml");

    public string Combine(params string[] parts) => _folder.Combine(parts);

    /// <summary>Writes the manifest of the workspace: the given text, then its registries.</summary>
    public void Write(string components) => File.WriteAllText(
        ManifestPath,
        components + "\n[registries]\ndefault = \"directory:../registry\"\n\"@acme\" = \"directory:../registry\"\n\n[trust]\ndefault = "
            + "\"root.json\"\n\"@acme\" = \"root.json\"\n");

    public static PublishedRelease Card(string version = "1.0.0", params string[] permissions) =>
        new($"@acme/card {version}", ["esf-iot ^1.2"], permissions, requires: ["IoTReading"]);

    public static PublishedRelease Iot(string version = "1.2.0") => new($"esf-iot {version}", provides: ["IoTReading"]);

    public Task PublishAsync(params PublishedRelease[] releases) => Registry.PublishAsync([Place], releases);

    /// <summary>Runs <c>estream marketplace</c> on the workspace.</summary>
    public Task<CliResult> RunAsync(string verb, params string[] args) =>
        RunAsync([verb, .. args, "--workspace", Combine("workspace"), "--cache", Combine("cache")]);

    /// <summary>Runs <c>estream marketplace</c> with exactly these arguments.</summary>
    public Task<CliResult> RunAsync(string[] args) => RunProgramAsync(["marketplace", .. args]);

    /// <summary>Returns the recorded administrative actions as <c>estream audit</c> prints them.</summary>
    public async Task<string[]> ReadAuditAsync() => (await RunProgramAsync(["audit", "--from", "start"])).Lines;

    private async Task<CliResult> RunProgramAsync(string[] args)
    {
        using MemoryStream output = new();
        using StringWriter error = new();
        int code = await CliProgram.RunAsync(args,
            new CliContext
            {
                Output = output,
                Error = error,
                DataFolder = _folder.Path,
                Home = Combine("home"),
                Clock = Clock,
                Confirm = Answer,
                AskSecret = Secret,
                Input = new MemoryStream(Encoding.UTF8.GetBytes(Input)),
            });
        return new CliResult(code, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
    }

    public void Dispose()
    {
        Registry.Dispose();
        _folder.Dispose();
    }
}
