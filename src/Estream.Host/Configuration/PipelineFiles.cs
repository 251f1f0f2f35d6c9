using Estream.Circuits;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Host.Components;
using Estream.Host.Runtime;
using Estream.Marketplace;
using Estream.Streams;
using Estream.Streams.Pipelines;
using Estream.Wire;
using Estream.Wire.Iso20022;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>The declared pipelines of a configuration, including those of circuits, and the schemas of their files.</summary>
/// <param name="Pipelines">The pipelines of all files, including those of circuits; a file with errors has none.</param>
/// <param name="Circuits">The circuits.</param>
/// <param name="Approvers">The public keys of the people who may approve circuits.</param>
/// <param name="Schemas">The schemas of the configuration and of the files.</param>
internal sealed record PipelineFiles(IReadOnlyList<DeclaredPipeline> Pipelines, IReadOnlyList<CircuitPlan> Circuits,
    IReadOnlyList<IVerifier> Approvers, SchemaLookup Schemas)
{
    private const int MaxFiles = 256;
    private const string CircuitKeysKey = "Privacy:CircuitKeys";

    /// <summary>The addresses of queues, circuits and their streams.</summary>
    public LexDirectory Streams { get; private init; } = new();

    /// <summary>The private keys with which the code of circuits decrypts sealed messages; null if none are set. Dispose them after the
    /// circuits.</summary>
    public EsfKeyRing? CircuitKeys { get; private init; }

    /// <summary>The files of pipelines and circuits, each with the setting that names the file or its folder.</summary>
    public IReadOnlyList<(string File, string Setting)> Files { get; private init; } = [];

    /// <summary>The identities of the host in the sessions of transcripts, by queue. Dispose the keys after the circuits.</summary>
    public IReadOnlyDictionary<string, MpcIdentity> Identities { get; private init; } = new Dictionary<string, MpcIdentity>();

    /// <summary>The pipelines that do not belong to circuits.</summary>
    public IEnumerable<DeclaredPipeline> Declared => Pipelines.Except(Circuits.SelectMany(circuit => circuit.Circuit.Pipelines));

    /// <summary>Reads the files of <c>Estream:Pipelines</c>, <c>Estream:Circuits</c> and of all tenants. Each error names file, line and
    /// column.</summary>
    public static PipelineFiles Load(IConfiguration configuration, SchemaLookup schemas, SettingErrors errors)
    {
        EsfSchemaSet known = schemas.Schemas;
        List<ReadFile> read = [];
        IReadOnlyList<IVerifier> approvers = ReadApprovers(configuration, errors);
        EsfKeyRing? keys = ReadCircuitKeys(configuration, errors);
        foreach ((string list, string? tenant) in ListsOf(configuration))
        {
            int index = 0;
            foreach (string value in SettingsReader.ValuesIn(configuration, list))
            {
                string setting = $"{EstreamSettingsSchema.SectionName}:{list}:{index++}";
                if (tenant is not null && InstalledComponents.TryName(value, out ComponentName? name))
                {
                    (ReadFile installed, EsfSchemaSet added) = ReadInstalled(configuration, name, known, setting, tenant, keys, errors);
                    known = WithSchemas(known, added, setting, errors);
                    read.Add(installed);
                    continue;
                }

                string pattern = tenant is null ? "*.pipeline.yaml" : "*.circuit.yaml";
                foreach (string file in FilesOf(Path.GetFullPath(value), pattern, setting, errors))
                {
                    (ReadFile one, EsfSchemaSet more) = tenant is null
                        ? ReadPipelines(file, known, setting, errors)
                        : ReadCircuit(file, known, setting, tenant, keys, errors);
                    known = WithSchemas(known, more, setting, errors);
                    read.Add(one);
                }
            }
        }

        known = ReadIntegrations(configuration, known, read, errors);
        LexDirectory streams = CircuitAddresses.Read(configuration, read, errors);
        read = [.. read.Select(one => CircuitAddresses.Resolve(one, streams, errors))];
        foreach (ReadFile one in read.Where(one => one.Circuit is not null))
        {
            CheckWitnesses(configuration, one, errors);
            CheckApprovals(one, approvers, SettingsReader.Governance(configuration), errors);
        }

        foreach (SchemaDiagnostic clash in PipelineConflicts.Check(read.Select(each => (each.File, each.Pipelines))))
        {
            Tell(read.First(each => each.File == clash.File).List, [clash], errors);
        }

        DeclaredPipeline[] declared = [.. read.SelectMany(each => each.Pipelines)];
        PipelineResourceCheck places = new(configuration, declared);
        OperationCheck operations = new(configuration, declared.Select(pipeline => pipeline.OutputMap).OfType<string>());
        foreach (ReadFile one in read)
        {
            Tell(one.List, places.Check(one.File, one.Pipelines), errors);
            foreach (string error in one.Circuit?.Operation is { } operation ? operations.ErrorsOf(operation) : [])
            {
                errors.Add(one.Setting, $"is {ScalarSchema.Quote(one.File)}: {error}");
            }
        }

        return new PipelineFiles(declared,
            [.. read.Where(one => one.Circuit is not null).Select(one => new CircuitPlan(one.Circuit!, one.Tenant!))], approvers,
            new SchemaLookup(known))
        {
            Streams = streams,
            Files = [.. read.Select(one => (one.File, one.Setting))],
            Identities = PartySection.Read(configuration, errors),
            CircuitKeys = keys,
        };
    }

    /// <summary>Reads the pipelines of the integrations.</summary>
    /// <returns>The known schemas, and those of the files.</returns>
    private static EsfSchemaSet ReadIntegrations(IConfiguration configuration, EsfSchemaSet known, List<ReadFile> read,
        SettingErrors errors)
    {
        foreach ((InstalledIntegration integration, string key) in InstalledComponents.ReadIntegrations(configuration))
        {
            foreach (string file in integration.Details.Pipelines)
            {
                PipelineReadResult result = integration.Content.ReadPipelines(file, known);
                Tell(key, result.Diagnostics, errors);
                known = WithSchemas(known, result.Schemas, key, errors);
                read.Add(new ReadFile(key, integration.Content.PathOf(file), null, null, result.Pipelines));
            }
        }

        return known;
    }

    // The configuration lists that name files, and the tenant of the circuits in each list; null for the list of pipelines.
    private static IEnumerable<(string List, string? Tenant)> ListsOf(IConfiguration configuration) =>
    [
        ("Pipelines", null), ("Circuits", CircuitRuntime.DefaultTenant),
        .. configuration.GetSection($"{EstreamSettingsSchema.SectionName}:Tenants").GetChildren()
        .Select(tenant => ($"Tenants:{tenant.Key}:Circuits", (string?)tenant.Key)),
    ];

    private static (ReadFile File, EsfSchemaSet Schemas) ReadPipelines(string file, EsfSchemaSet known, string setting,
        SettingErrors errors)
    {
        PipelineReadResult result = PipelineReader.Load(file, known);
        Tell(setting, result.Diagnostics, errors);
        return (new ReadFile(setting, file, null, null, result.Pipelines), result.Schemas);
    }

    private static (ReadFile File, EsfSchemaSet Schemas) ReadCircuit(string file, EsfSchemaSet known, string setting, string tenant,
        EsfKeyRing? keys, SettingErrors errors)
    {
        CircuitReadResult result = CircuitReader.Load(file, known);
        Tell(setting, result.Diagnostics, errors);
        return (OfCircuit(result.Circuit, file, setting, tenant, keys, errors), result.Schemas);
    }

    /// <summary>Reads the circuit of an installed component. Its queues and maps must be among the approved permissions.</summary>
    private static (ReadFile File, EsfSchemaSet Schemas) ReadInstalled(IConfiguration configuration, ComponentName name,
        EsfSchemaSet known, string setting, string tenant, EsfKeyRing? keys, SettingErrors errors)
    {
        try
        {
            InstalledCircuit installed = InstalledComponents.WorkspaceOf(configuration)?.ReadCircuit(name, setting)
                ?? throw new WireConfigurationException(setting,
                    $"is {name}, which is neither a file nor a folder, and no component workspace is configured. Correct the path, or set "
                    + $"{InstalledComponents.WorkspaceKey} to the folder with estream-workspace.lock.");
            CircuitReadResult result = installed.Content.ReadCircuit(installed.Entry, known);
            Tell(setting, result.Diagnostics, errors);
            Circuit? circuit = result.Circuit?.WithApprovals(installed.Content.ApprovalsOf(installed.Entry));
            if (circuit is not null)
            {
                installed.RequirePermissions(circuit, setting);
            }

            return (OfCircuit(circuit, installed.Content.PathOf(installed.Entry), setting, tenant, keys, errors), result.Schemas);
        }
        catch (WireConfigurationException refused)
        {
            errors.Add(refused.Key, refused.Message[(refused.Key.Length + 2)..]);
            return (new ReadFile(setting, name.ToString(), tenant, null, []), known);
        }
    }

    private static ReadFile OfCircuit(Circuit? circuit, string file, string setting, string tenant, EsfKeyRing? keys, SettingErrors errors)
    {
        string[] bound = [.. circuit?.Nodes.Where(node => node.IsBound).Select(node => node.Id) ?? []];
        if (circuit?.Name == Iso20022ParseCircuit.Name)
        {
            circuit = BindParser(circuit, file, setting, keys, errors);
        }
        else if (bound.Length > 0)
        {
            errors.Add(setting,
                $"is {ScalarSchema.Quote(file)}, whose nodes {string.Join(", ", bound)} are bound to code that this host does not have. "
                + "Define the nodes in the file, or embed the circuit in a program.");
        }

        return new ReadFile(setting, file, tenant, circuit, circuit?.Pipelines ?? []);
    }

    /// <summary>Binds iso20022.parse.v1, the only circuit whose code is part of the host. Its input messages are sealed, so without a
    /// private key the circuit would reject all of them.</summary>
    private static Circuit BindParser(Circuit circuit, string file, string setting, EsfKeyRing? keys, SettingErrors errors)
    {
        if (keys is not { Count: > 0 })
        {
            errors.Add(setting,
                $"is {ScalarSchema.Quote(file)}, which reads sealed documents. Set "
                + $"{EstreamSettingsSchema.SectionName}:{CircuitKeysKey} to a folder with the private key of one of their audiences: "
                + "payment_agent.key.pem, auditor.key.pem or regulator.key.pem.");
            return circuit;
        }

        try
        {
            return Iso20022ParseCircuit.Bind(circuit, keys);
        }
        catch (ArgumentException other)
        {
            errors.Add(setting, $"is {ScalarSchema.Quote(file)}: {other.Message}");
            return circuit;
        }
    }

    private static EsfKeyRing? ReadCircuitKeys(IConfiguration configuration, SettingErrors errors)
    {
        string setting = $"{EstreamSettingsSchema.SectionName}:{CircuitKeysKey}";
        if (configuration[setting] is not { Length: > 0 } folder || folder.Contains('\0'))
        {
            return null;
        }

        try
        {
            return EsfKeyRing.Load(Path.GetFullPath(folder));
        }
        catch (EstreamException e)
        {
            errors.Add(setting, $"is {ScalarSchema.Quote(folder)}, whose keys cannot be read: {e.Message}");
            return null;
        }
    }

    private static void CheckWitnesses(IConfiguration configuration, ReadFile file, SettingErrors errors)
    {
        foreach (string missing in WitnessTier.Missing(file.Circuit!, HowWitnessed))
        {
            errors.Add(file.Setting,
                $"is {ScalarSchema.Quote(file.File)}: {missing} ({EstreamSettingsSchema.SectionName}:Queues:NAME:Witness).");
        }

        (bool, bool) HowWitnessed(string queue)
        {
            IConfigurationSection witness = configuration.GetSection($"{EstreamSettingsSchema.SectionName}:Queues:{queue}:Witness");
            return (!string.IsNullOrEmpty(witness["KeyFile"]), bool.TryParse(witness["Durable"], out bool durable) && durable);
        }
    }

    private static List<IVerifier> ReadApprovers(IConfiguration configuration, SettingErrors errors)
    {
        List<IVerifier> approvers = [];
        int index = 0;
        foreach (string path in SettingsReader.PathsIn(configuration, "Approvers"))
        {
            string setting = $"{EstreamSettingsSchema.SectionName}:Approvers:{index++}";
            try
            {
                approvers.Add(MlDsa87PublicKey.Load(path));
            }
            catch (Exception e) when (e is EstreamException or IOException or UnauthorizedAccessException)
            {
                errors.Add(setting, $"is {ScalarSchema.Quote(path)}, which is not a valid public key: {e.Message}");
            }
        }

        return approvers;
    }

    private static void CheckApprovals(ReadFile file, IReadOnlyList<IVerifier> approvers,
        IReadOnlyDictionary<string, int> categories, SettingErrors errors)
    {
        if (CircuitApproval.Missing(file.Circuit!, approvers, categories) is { } missing)
        {
            errors.Add(file.Setting,
                $"is {ScalarSchema.Quote(file.File)}: {missing} (approvers are listed in {EstreamSettingsSchema.SectionName}:Approvers).");
        }
    }

    private static string[] FilesOf(string path, string pattern, string setting, SettingErrors errors)
    {
        if (!Directory.Exists(path))
        {
            return [path];
        }

        string[] files = [.. Directory.EnumerateFiles(path, pattern).Order(StringComparer.Ordinal).Take(MaxFiles + 1)];
        if (files.Length is 0 or > MaxFiles)
        {
            errors.Add(setting,
                files.Length == 0
                    ? $"is {ScalarSchema.Quote(path)}, a folder without files {pattern}. Name a file, or add one to the folder."
                    : $"is a folder with more than {MaxFiles} files {pattern}. Name several folders.");
            return [];
        }

        return files;
    }

    /// <summary>Returns the schemas that include those of a read file. Returns the known schemas and adds an error if a new schema file
    /// cannot be stored in the data folder under its name.</summary>
    private static EsfSchemaSet WithSchemas(EsfSchemaSet known, EsfSchemaSet more, string setting, SettingErrors errors)
    {
        foreach (EsfSchemaFile file in more.Files.Skip(known.Files.Count))
        {
            bool isKnown = known.Files.Any(other => Path.GetFullPath(other.Name) == Path.GetFullPath(file.Name)
                || (Path.GetFileName(other.Name) == Path.GetFileName(file.Name) && other.Text == file.Text));
            if (!isKnown && SchemaLookup.WhyNotKept(file.Name, known) is { } reason)
            {
                errors.Add(setting, $"names a schema file that {reason}");
                return known;
            }
        }

        return more;
    }

    private static void Tell(string setting, IEnumerable<SchemaDiagnostic> mistakes, SettingErrors errors)
    {
        foreach (SchemaDiagnostic mistake in mistakes)
        {
            errors.Add(setting, $"has an error: {mistake}");
        }
    }
}

/// <summary>A pipeline file or circuit file that was read.</summary>
/// <param name="Setting">The setting that names the file or its folder.</param>
/// <param name="File">The path.</param>
/// <param name="Tenant">The tenant charged for the circuit; null for pipelines.</param>
/// <param name="Circuit">The circuit; null for pipelines, and if the file has errors.</param>
/// <param name="Pipelines">The pipelines of the file or of its circuit.</param>
internal sealed record ReadFile(string Setting, string File, string? Tenant, Circuit? Circuit, IReadOnlyList<DeclaredPipeline> Pipelines)
{
    /// <summary>The configuration list that contains the setting.</summary>
    public string List => Setting[..Setting.LastIndexOf(':')];
}
