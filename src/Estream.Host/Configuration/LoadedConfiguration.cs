using System.Security.Cryptography;
using Estream.Esf;
using Estream.Host.Runtime;
using Estream.Wire;

namespace Estream.Host.Configuration;

/// <summary>A configuration file that passed all checks: those of <c>estream host check</c>, of the start, and of a reload.</summary>
/// <param name="File">The keys of the file and of the environment.</param>
/// <param name="Settings">The settings.</param>
/// <param name="Schemas">All schemas, including those of pipelines and circuits.</param>
internal sealed record LoadedConfiguration(ConfigurationFile File, EstreamSettings Settings, EsfSchemaSet Schemas) : IDisposable
{
    private EsfKeyRing? _circuitKeys;

    /// <summary>The SHA-256 of each file of pipelines and circuits, and the setting that names the file, by path.</summary>
    public IReadOnlyDictionary<string, (string Setting, string Hash)> PipelineHashes { get; private init; } =
        new Dictionary<string, (string, string)>();

    /// <summary>Loads and checks a configuration.</summary>
    /// <param name="configFile">The path of the file; null for the shipped configuration.</param>
    /// <param name="readVariable">Reads an environment variable.</param>
    /// <exception cref="ConfigurationErrorException">The configuration has at least one error.</exception>
    /// <exception cref="WireConfigurationException">A file named in a setting is invalid.</exception>
    /// <exception cref="EsfSchemaException">Two schemas contradict each other.</exception>
    public static LoadedConfiguration Load(string? configFile, Func<string, string?> readVariable)
    {
        SettingErrors errors = new();
        ConfigurationFile file = ConfigurationFile.Load(configFile, readVariable, errors);
        SchemaLookup schemas = SchemaLookup.Load(file.Root, errors);
        PipelineFiles pipelines = PipelineFiles.Load(file.Root, schemas, errors);
        try
        {
            EstreamSettings settings =
                ConfigurationCheck.Run(
                    file, AdapterSettingSchemas.All, pipelines.Schemas,
                    [.. pipelines.Pipelines.Select(pipeline => pipeline.OutputMap).OfType<string>()], readVariable, errors) with
            {
                Pipelines = [.. pipelines.Declared],
                Circuits = pipelines.Circuits,
                Streams = pipelines.Streams,
                Approvers = pipelines.Approvers,
                Identities = pipelines.Identities,
            };
            AdapterCheck.Run(file, settings, pipelines.Schemas.Schemas);
            return new LoadedConfiguration(file, settings, pipelines.Schemas.Schemas)
            {
                _circuitKeys = pipelines.CircuitKeys,
                PipelineHashes = pipelines.Files.DistinctBy(one => one.File)
                    .ToDictionary(one => one.File, one => (one.Setting, HashOf(one.File)), StringComparer.Ordinal),
            };
        }
        catch
        {
            pipelines.CircuitKeys?.Dispose();
            throw;
        }
    }

    /// <summary>Disposes the keys of circuits. Call it after the circuits are closed.</summary>
    public void Dispose() => _circuitKeys?.Dispose();

    private static string HashOf(string file) => Convert.ToHexString(SHA256.HashData(System.IO.File.ReadAllBytes(file)));
}
