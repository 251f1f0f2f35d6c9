using System.Text;
using Estream.Circuits;
using Estream.Circuits.Operations;
using Estream.Esf;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Workspaces;
using Estream.Streams.Pipelines;
using Estream.Wire;

namespace Estream.Host.Components;

/// <summary>The text files of an installed component, as they were hashed and compared with the lock. Immutable.</summary>
/// <param name="Locked">The entry of the component in the lock.</param>
/// <param name="Manifest">The manifest of the component.</param>
/// <param name="Folder">The folder of the component in the cache, for messages and for the names of schema files.</param>
/// <param name="Files">The bytes of the files by path in the package.</param>
internal sealed record InstalledFiles(
    LockedComponent Locked, ComponentManifest Manifest, string Folder, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Files)
{
    private const string SchemaEnding = ".esf.yaml";

    /// <summary>Returns whether a file of a component is kept in memory: the manifest, schemas, circuits, pipelines, settings and
    /// approvals.</summary>
    public static bool IsKept(string path) =>
        path == ComponentManifest.FileName || path.EndsWith(".yaml", StringComparison.Ordinal)
        || path.EndsWith(".json", StringComparison.Ordinal) || path.EndsWith(CircuitApproval.FileEnding, StringComparison.Ordinal);

    /// <summary>The schema files of the package.</summary>
    public IReadOnlyList<EsfSchemaFile> SchemaFiles =>
        [.. Files.Keys.Where(path => path.EndsWith(SchemaEnding, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(FileOf)];

    /// <summary>Returns the path in the cache.</summary>
    public string PathOf(string file) => Path.Combine(Folder, file);

    /// <summary>Reads a pipeline file.</summary>
    public PipelineReadResult ReadPipelines(string file, EsfSchemaSet known) =>
        PipelineReader.Read(TextOf(file), PathOf(file), known, names => SchemasBeside(file, names));

    /// <summary>Reads a circuit file with its approvals.</summary>
    public CircuitReadResult ReadCircuit(string file, EsfSchemaSet known) =>
        CircuitReader.Read(TextOf(file), PathOf(file), known, names => SchemasBeside(file, names));

    /// <summary>Returns the approvals of a circuit file in the package.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> ApprovalsOf(string file) =>
        [.. Files.Where(one => one.Key.StartsWith($"{file}{CircuitApproval.FolderEnding}/", StringComparison.Ordinal)
            && one.Key.EndsWith(CircuitApproval.FileEnding, StringComparison.Ordinal))
            .OrderBy(one => one.Key, StringComparer.Ordinal).Take(CircuitApproval.MaxFiles).Select(one => one.Value)];

    private EsfSchemaSet SchemasBeside(string file, IEnumerable<string> names)
    {
        string folder = file[..(file.LastIndexOf('/') + 1)];
        return EsfSchemaSet.Parse([.. names.Select(name => Files.ContainsKey(folder + name)
            ? FileOf(folder + name)
            : throw new EsfSchemaException($"{Locked} has no file {folder}{name}.", []))]);
    }

    private EsfSchemaFile FileOf(string path) => new(PathOf(path), TextOf(path));

    private string TextOf(string path) => Files.TryGetValue(path, out ReadOnlyMemory<byte> bytes)
        ? Encoding.UTF8.GetString(bytes.Span)
        : throw new EsfSchemaException($"{Locked} has no file {path}.", []);
}

/// <summary>An installed integration whose files match the lock.</summary>
/// <param name="Content">Its files.</param>
/// <param name="Details">Its pipelines, settings and limits.</param>
internal sealed record InstalledIntegration(InstalledFiles Content, IntegrationDetails Details)
{
    public LockedComponent Locked => Content.Locked;

    /// <summary>What a host that runs the integration may use at most, by name.</summary>
    public IReadOnlyDictionary<string, long> Limits => Details.Limits;
}

/// <summary>An installed circuit whose files match the lock.</summary>
/// <param name="Content">Its files.</param>
/// <param name="Entry">The path of the circuit in the package.</param>
internal sealed record InstalledCircuit(InstalledFiles Content, string Entry)
{
    /// <summary>Requires that the component has the permissions for the queues and maps of the circuit. A port without a queue or map
    /// uses the queue of its name.</summary>
    /// <param name="circuit">The circuit that was read.</param>
    /// <param name="key">The setting that names the component, for error messages.</param>
    /// <exception cref="WireConfigurationException">A permission is missing.</exception>
    public void RequirePermissions(Circuit circuit, string key)
    {
        string[] allowed = [.. Content.Manifest.Permissions.Select(permission => permission.ToString())];
        string[] missing = [.. Needs(circuit).Where(need => !allowed.Contains($"{need.Verb}.{need.Name}", StringComparer.Ordinal)
            && !allowed.Contains($"{need.Verb}.*", StringComparer.Ordinal)).Select(need => $"{need.Verb}.{need.Name}").Distinct()];
        if (missing.Length > 0)
        {
            throw new WireConfigurationException(key,
                $"the circuit of {Content.Locked} uses queues or maps without the permissions {string.Join(", ", missing)}. Ask its "
                + "publisher for a version that requests them.");
        }
    }

    private static IEnumerable<(string Verb, string Name)> Needs(Circuit circuit)
    {
        IEnumerable<(string Verb, string? Name)> needs =
        [
            .. circuit.Inputs.Select(port => ("queue:read", port.Queue)),
            .. circuit.Outputs.Select(port => ("queue:append", port.Queue)),
            .. circuit.Outputs.Select(port => ("map:write", port.Map)),
            .. circuit.Pipelines.SelectMany(pipeline => pipeline.Lookups).Select(map => ("map:read", (string?)map)),
            ("queue:append", circuit.RejectedQueue), ("queue:append", circuit.TransactionLog),
            ("queue:append", circuit.ExecutionRecords),
            (circuit.Operation?.Kind is OperationKind.QueueRead or OperationKind.QueueReplicate ? "queue:read" : "queue:append",
                circuit.Operation?.Queue),
            (circuit.Operation?.Kind is OperationKind.MapGet or OperationKind.MapSync ? "map:read" : "map:write", circuit.Operation?.Map),
            ("queue:append", circuit.Operation?.Feed),
        ];
        return needs.Where(need => need.Name is not null).Select(need => (need.Verb, need.Name!));
    }
}
