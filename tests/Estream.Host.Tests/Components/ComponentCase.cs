using System.Text.Json;
using Estream.Esf;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Workspaces;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Estream.Host.Tests.Components;

/// <summary>A workspace with the sample adapter as an installed component, and a host that runs it. The adapter stores lines that are
/// appended to a file in a queue, and appends the messages of the queue to another file.</summary>
internal sealed class ComponentCase : IDisposable
{
    public const string Name = "@samples/line-file";

    private readonly TempDirectory _directory = new();
    private int _packed;

    public ComponentCase()
    {
        File.WriteAllText(In, "");
        File.WriteAllText(Revoked, "");
        Directory.CreateDirectory(Workspace);
    }

    public string Workspace => _directory.Combine("workspace");

    public string Cache => _directory.Combine("cache");

    /// <summary>The revocation list; empty at first.</summary>
    public string Revoked => _directory.Combine("revoked");

    public string Data => _directory.Combine("data");

    public string In => _directory.Combine("in.txt");

    public string Out => _directory.Combine("out.txt");

    /// <summary>The folder of the currently installed version.</summary>
    public string Installed => new ComponentCache(Cache).FolderOf(new WorkspaceFolder(Workspace).ReadLock()!.Components[0].Root256);

    public void Dispose() => _directory.Dispose();

    public string Path(string name) => _directory.Combine(name);

    /// <summary>Packs a version and installs it into the workspace with approval.</summary>
    /// <param name="version">The version.</param>
    /// <param name="assembly">The assembly of the version.</param>
    /// <param name="manifest">The manifest of the version; null for the manifest of the sample.</param>
    /// <param name="approved">The approved permissions; null for all permissions that the manifest requests.</param>
    public void Install(string version, byte[] assembly, string? manifest = null, string[]? approved = null)
    {
        string folder = _directory.Combine($"source-{_packed++}");
        Directory.CreateDirectory(System.IO.Path.Combine(folder, "lib"));
        File.WriteAllText(System.IO.Path.Combine(folder, ComponentManifest.FileName), manifest ?? LineFileVersion.Manifest(version));
        File.WriteAllBytes(System.IO.Path.Combine(folder, "lib", "LineFile.dll"), assembly);
        PackageBuildResult built = PackageBuilder.Build(folder);
        Package package = built.Package ?? throw new InvalidOperationException(string.Join('\n', built.Problems));
        ComponentInstaller.Install(package, Workspace, Cache, approved);
    }

    /// <summary>A host with the component, not started yet.</summary>
    public IHost Build(Action<Dictionary<string, string?>>? change = null, string component = Name)
    {
        Dictionary<string, string?> settings = Settings();
        change?.Invoke(settings);
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddEstream().UseData(Data).AddQueue("telemetry").AddQueue("other").UseComponents(Workspace, Cache, Revoked)
            .AddComponentAdapter("lines", component, new WireSettings("Estream:Adapters:lines", settings));
        return builder.Build();
    }

    /// <summary>The settings of the adapter.</summary>
    public Dictionary<string, string?> Settings() => new()
    {
        ["File"] = In,
        ["Out"] = Out,
        ["PollMs"] = "1",
        ["Mappings:0:Topic"] = "lines/{device_id}",
        ["Mappings:0:Schema"] = "IoTTelemetry",
        ["Mappings:0:Queue"] = "telemetry",
        ["Egress:0:Queue"] = "telemetry",
        ["Egress:0:Schema"] = "IoTTelemetry",
    };

    /// <summary>Appends lines with a range of numbers; the end is exclusive.</summary>
    public void Append(int from, int to) => File.AppendAllLines(In, Enumerable.Range(from, to - from).Select(number => $"front {number}"));

    /// <summary>The messages of the queue, in order. The metric of a message names the component version that stored it.</summary>
    public List<(string Metric, int Number)> Stored()
    {
        List<(string, int)> stored = [];
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("IoTTelemetry", out EsfSchema? schema));
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(System.IO.Path.Combine(Data, "queues", "telemetry"));
        using QueueTailer tailer = queue.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            System.Buffers.ArrayBufferWriter<byte> json = new();
            Assert.Equal(EsfStatus.Ok, EsfJson.WriteJson(schema, message.Payload, json));
            stored.Add(Line(json.WrittenSpan.ToArray()));
        }

        return stored;
    }

    /// <summary>The lines that the adapter wrote to the output file, in order.</summary>
    public List<(string Metric, int Number)> Sent() => File.Exists(Out) ? [.. File.ReadAllBytes(Out).ToLines().Select(Line)] : [];

    private static (string Metric, int Number) Line(byte[] json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return (document.RootElement.GetProperty("metric_name").GetString()!, (int)document.RootElement.GetProperty("value").GetDouble());
    }
}
