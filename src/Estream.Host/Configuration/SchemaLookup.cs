using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Host.Components;
using Estream.Host.Runtime;
using Estream.Wire;
using Estream.Wire.Dnp3;
using Estream.Wire.Fhir;
using Estream.Wire.Fix;
using Estream.Wire.Hl7;
using Estream.Wire.Modbus;
using Estream.Wire.OpcUa;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>The schemas that a configuration may name: built-in schemas and those of the listed files.</summary>
internal sealed class SchemaLookup(EsfSchemaSet schemas) : ISchemaLookup
{
    private const int MaxKeyBytes = 64;
    private const string FileEnding = ".esf.yaml";

    public EsfSchemaSet Schemas => schemas;

    public IEnumerable<string> Names => schemas.Schemas.Select(s => s.Name);

    /// <summary>Reads the files of <c>Estream:Schemas</c>. A file with an error is skipped; the error names file, line and
    /// column.</summary>
    public static SchemaLookup Load(IConfiguration configuration, SettingErrors errors)
    {
        EsfSchemaSet schemas = WithAdapters(configuration);
        int index = 0;
        foreach (string file in SettingsReader.SchemaFiles(configuration))
        {
            string setting = $"{EstreamSettingsSchema.SectionName}:Schemas:{index++}";
            if (WhyNotKept(file, schemas) is { } reason)
            {
                errors.Add(setting, reason);
                continue;
            }

            try
            {
                schemas = schemas.With(EsfSchemaSet.Load(file));
            }
            catch (EsfSchemaException e)
            {
                errors.Add(setting, $"cannot be used: {e.Message}");
            }
        }

        return new SchemaLookup(WithInstalled(schemas, configuration));
    }

    /// <summary>Adds the schemas of the installed packs, and of the components that the configuration names.</summary>
    private static EsfSchemaSet WithInstalled(EsfSchemaSet schemas, IConfiguration configuration)
    {
        IEnumerable<InstalledFiles> installed = InstalledComponents.WorkspaceOf(configuration)?
            .ReadSchemas(InstalledComponents.NamedBy(configuration), InstalledComponents.WorkspaceKey) ?? [];
        foreach (InstalledFiles pack in installed)
        {
            try
            {
                EsfSchemaFile[] files = [.. pack.SchemaFiles.Where(file => !IsKnown(file, schemas))];
                schemas = files.Length == 0 ? schemas : schemas.With(EsfSchemaSet.Parse(files));
            }
            catch (EsfSchemaException e)
            {
                throw new WireConfigurationException(InstalledComponents.WorkspaceKey,
                    $"the schemas of {pack.Locked} cannot be used: {e.Message} Install another version, or remove the component.", e);
            }
        }

        return schemas;
    }

    // Packs of adapters are also built in, and the configuration may list a file of a pack.
    private static bool IsKnown(EsfSchemaFile file, EsfSchemaSet schemas)
    {
        string name = Path.GetFileName(file.Name);
        EsfSchemaFile? known = schemas.Files.FirstOrDefault(other => Path.GetFileName(other.Name) == name);
        return known is not null && (known.Text == file.Text
            ? true
            : throw new EsfSchemaException($"{name} differs from the file of the same name that this host has ({known.Name}).", []));
    }

    /// <summary>The built-in schemas, and those that the adapters of the configuration add.</summary>
    private static EsfSchemaSet WithAdapters(IConfiguration configuration)
    {
        string?[] types = [.. configuration.GetSection($"{EstreamSettingsSchema.SectionName}:Adapters").GetChildren()
            .Select(adapter => adapter[VariantSchema.TypeKey])];
        EsfSchemaSet schemas = types.Any(FixSchemas.Has) ? EsfSchemaSet.BuiltIn.With(FixTranslator.OwnSchemas) : EsfSchemaSet.BuiltIn;
        if (types.Any(IsModbus))
        {
            schemas = schemas.With(IsListed(configuration, ModbusSchemas.IndustrialFile) ? ModbusSchemas.Points : ModbusSchemas.Own);
        }

        if (types.Contains(Dnp3SettingSchemas.MasterType))
        {
            schemas = schemas.With(Dnp3Schemas.Own);
        }

        if (types.Contains(OpcUaSettingSchemas.ClientType))
        {
            bool hasIndustrial = types.Any(IsModbus) || IsListed(configuration, OpcUaSchemas.IndustrialFile);
            schemas = schemas.With(hasIndustrial ? OpcUaSchemas.Items : OpcUaSchemas.Own);
        }

        bool isHealth = IsListed(configuration, Hl7Schemas.HealthFile);
        if (types.Any(Hl7SettingSchemas.Has))
        {
            schemas = schemas.With(isHealth ? Hl7Schemas.Messages : Hl7Schemas.Own);
            isHealth = true;
        }

        return types.Any(FhirSettingSchemas.Has) ? schemas.With(isHealth ? FhirSchemas.Log : FhirSchemas.Own) : schemas;
    }

    private static bool IsModbus(string? type) => type is ModbusPollerFactory.Type or ModbusServerFactory.Type;

    /// <summary>Whether a configuration lists the schema file of a pack. The packs of adapters also have schemas of other
    /// protocols.</summary>
    private static bool IsListed(IConfiguration configuration, string packFile) =>
        SettingsReader.SchemaFiles(configuration).Any(file => Path.GetFileName(file) == packFile);

    /// <summary>Returns why a schema file cannot be stored in the data folder, or null. Files are stored under their own names, and the
    /// command line finds them by the ending <see cref="FileEnding"/>.</summary>
    internal static string? WhyNotKept(string file, EsfSchemaSet others)
    {
        string name = Path.GetFileName(file);
        if (!name.EndsWith(FileEnding, StringComparison.Ordinal))
        {
            return $"is {ScalarSchema.Quote(file)}: the name of a schema file must end in {FileEnding}. Rename the file.";
        }

        return others.Files.FirstOrDefault(other => Path.GetFileName(other.Name) == name) is { } known
            ? $"is {ScalarSchema.Quote(file)}, and {ScalarSchema.Quote(known.Name)} has the same file name, but both are stored in one "
                + "directory. Rename one of the files."
            : null;
    }

    public IReadOnlyCollection<string>? FieldsOf(string schema) =>
        schemas.TryGet(schema, out EsfSchema? found) ? [.. found.Fields.Select(f => f.Name)] : null;

    public IReadOnlyCollection<string> AudiencesOf(string schema) =>
        schemas.TryGet(schema, out EsfSchema? found) ? found.Audiences.Audiences : [];

    public IReadOnlyCollection<string> SubLexesOf(string schema) =>
        schemas.TryGet(schema, out EsfSchema? found) ? [.. found.SubLexes] : [];

    public string? WhyNotInQueues(string schema) => QueueSchemas.WhyNot(schemas, schema);

    public string? WhyNotSigned(string schema, IEnumerable<string> captures) =>
        !schemas.TryGet(schema, out EsfSchema? found) ? null
        : !EsfSignature.CanSign(found)
            ? "the schema does not have exactly one public field of type pq_signature. Name another schema or queue."
        : found.IsProtected
            ? "the schema has protected fields, which the host changes, so the signature of the sender would not match. Name another "
                + "schema or queue."
        : captures.FirstOrDefault(name => found.TryGetField(name, out EsfField? field) && field.Kind == EsfTypeKind.String) is { } text
            ? $"its topic takes the text {ScalarSchema.Quote(text)}, which changes the order of the bytes that the sender signed. Write + "
                + "instead."
        : null;

    public bool HasTokenizedFields(string schema) => schemas.TryGet(schema, out EsfSchema? found) && found.HasTokenizedFields;

    public string? WhyNotKey(string schema, string field)
    {
        if (!schemas.TryGet(schema, out EsfSchema? found) || !found.TryGetField(field, out EsfField? key))
        {
            return "there is no such field.";
        }

        if (!key.HasTextForm)
        {
            return $"a {key.TypeName} has no text form. Use a string, an integer, a bool, a timestamp, bytes32 or an enum.";
        }

        if (key.IsPrivate)
        {
            return "the field is private, but keys of a map are plaintext. Use a public field.";
        }

        // Keys of a host map have at most 64 bytes, so a message with a longer key could not be stored.
        FieldDefinition definition = found.Definition.Record.Fields[key.Ordinal];
        if (key.Kind == EsfTypeKind.String && definition.Type.MaxLength is not <= MaxKeyBytes)
        {
            return $"a {key.TypeName} can be longer than {MaxKeyBytes} bytes, the maximum for a map key. Declare it as "
                + $"string({MaxKeyBytes}) or shorter.";
        }

        return key.IsOptional
            ? "the field is optional, and a message without it would have no key. Use a required field."
            : null;
    }
}

/// <summary>What the configuration check needs to know about schemas.</summary>
internal interface ISchemaLookup
{
    /// <summary>Names of all known schemas, for suggestions.</summary>
    IEnumerable<string> Names { get; }

    /// <summary>The field names of a schema, top level only; null for an unknown schema.</summary>
    IReadOnlyCollection<string>? FieldsOf(string schema);

    /// <summary>The audiences of a schema's private fields; empty if it has none, and for an unknown schema.</summary>
    IReadOnlyCollection<string> AudiencesOf(string schema);

    /// <summary>The sub-lexes of a schema; empty if it has none, and for an unknown schema.</summary>
    IReadOnlyCollection<string> SubLexesOf(string schema);

    /// <summary>Returns null if messages of a schema can be stored in queues as they are, and for an unknown schema; otherwise the reason
    /// why not.</summary>
    string? WhyNotInQueues(string schema);

    /// <summary>Returns null if adapters can store signed messages of a schema, and for an unknown schema; otherwise the reason why
    /// not. <paramref name="captures"/> are the fields that a mapping takes from the topic.</summary>
    string? WhyNotSigned(string schema, IEnumerable<string> captures);

    /// <summary>Whether a schema has tokenized fields.</summary>
    bool HasTokenizedFields(string schema);

    /// <summary>Returns null if the field can be the key of a map; otherwise the reason why not.</summary>
    string? WhyNotKey(string schema, string field);
}
