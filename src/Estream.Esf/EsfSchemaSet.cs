using System.Diagnostics.CodeAnalysis;
using System.Text;
using Estream.Core;
using Estream.Esf.Internal;
using Estream.Esf.Schema;

namespace Estream.Esf;

/// <summary>
/// A set of schemas, found by name or by the id in the header of every message. Immutable and thread-safe; a lookup by id
/// allocates nothing.
/// </summary>
public sealed class EsfSchemaSet
{
    private static readonly Lazy<EsfSchemaSet> s_builtIn = new(() => Parse(BuiltInSchemas.ReadFiles()));

    private readonly Dictionary<ulong, EsfSchema> _byId = [];
    private readonly Dictionary<uint, EsfSchema?> _byNameId = [];
    private readonly Dictionary<string, EsfSchema> _byQualifiedName = new(StringComparer.Ordinal);
    private readonly List<EsfSchema> _schemas = [];

    private EsfSchemaSet(IEnumerable<EsfSchema> schemas, IReadOnlyList<EsfSchemaFile> files)
    {
        Files = files;
        foreach (EsfSchema schema in schemas)
        {
            Add(schema);
        }
    }

    /// <summary>The schemas built into the library: estream.iot, estream.trading, estream.system.</summary>
    public static EsfSchemaSet BuiltIn => s_builtIn.Value;

    /// <summary>A set without schemas.</summary>
    public static EsfSchemaSet Empty { get; } = new([], []);

    /// <summary>The schemas in the order of their files.</summary>
    public IReadOnlyList<EsfSchema> Schemas => _schemas;

    /// <summary>The files from which the schemas were read.</summary>
    public IReadOnlyList<EsfSchemaFile> Files { get; }

    /// <summary>Reads <c>.esf.yaml</c> files. Files that import from packs need the manifests and files of those packs as well.</summary>
    /// <param name="paths">Paths of schema files and of <c>estream-component.toml</c>.</param>
    /// <exception cref="EsfSchemaException">A file cannot be read or has errors; the message lists all errors.</exception>
    public static EsfSchemaSet Load(IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return Parse([.. paths.Select(ReadFile)]);
    }

    /// <summary>Reads <c>.esf.yaml</c> files. Files that import from packs need the manifests and files of those packs as well.</summary>
    /// <param name="paths">Paths of schema files and of <c>estream-component.toml</c>.</param>
    /// <exception cref="EsfSchemaException">A file cannot be read or has errors; the message lists all errors.</exception>
    public static EsfSchemaSet Load(params string[] paths) => Load((IEnumerable<string>)paths);

    /// <summary>Reads schema texts, and pack manifests among them; see <see cref="SchemaComposer"/>.</summary>
    /// <exception cref="EsfSchemaException">A text has errors; the message lists all errors.</exception>
    public static EsfSchemaSet Parse(params EsfSchemaFile[] files)
    {
        ArgumentNullException.ThrowIfNull(files);
        SchemaSource[] sources = [.. files.Select(file => new SchemaSource(file.Name, file.Text))];
        SchemaComposition composition = SchemaComposer.Read(sources);
        List<SchemaDiagnostic> diagnostics = [.. composition.ManifestDiagnostics];
        List<EsfSchema> schemas = [];
        foreach (SchemaSource source in sources.Where(source => !PackManifest.IsManifest(source.Path)))
        {
            SchemaReadResult result = composition.Files[source];
            diagnostics.AddRange(result.Diagnostics);
            schemas.AddRange(result.Document?.Schemas.Select(definition => new EsfSchema(definition)) ?? []);
        }

        return diagnostics.Count == 0 ? new EsfSchemaSet(schemas, files) : throw EsfSchemaException.Of(diagnostics);
    }

    /// <summary>Creates a set from a document that was read from another schema language, and the equivalent schema file.</summary>
    internal static EsfSchemaSet Of(SchemaDocument document, EsfSchemaFile file) =>
        new(document.Schemas.Select(definition => new EsfSchema(definition)), [file]);

    /// <summary>Returns a set with the schemas of both sets.</summary>
    /// <exception cref="EsfSchemaException">The sets define a schema of the same name differently.</exception>
    public EsfSchemaSet With(EsfSchemaSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new EsfSchemaSet(_schemas.Concat(other._schemas), [.. Files, .. other.Files]);
    }

    /// <summary>Finds a schema by the id in a message header. Costs one hash lookup.</summary>
    public bool TryGet(ulong id, [NotNullWhen(true)] out EsfSchema? schema) => _byId.TryGetValue(id, out schema);

    /// <summary>
    /// Finds the schema for reading a message: by the id in the header, else by the name id, if the message was written by another
    /// version. Costs at most two hash lookups. <see cref="EsfValidator"/> checks whether the versions are compatible.
    /// </summary>
    /// <returns>False for an unknown schema, and for a name id that two names of the set share by chance.</returns>
    public bool TryGet(ReadOnlySpan<byte> message, [NotNullWhen(true)] out EsfSchema? schema)
    {
        schema = null;
        return EsfMessageHeader.TryRead(message, out EsfMessageHeader header)
            && (_byId.TryGetValue(header.SchemaId, out schema) || _byNameId.TryGetValue(header.NameId, out schema))
            && schema is not null;
    }

    /// <summary>Finds a schema by qualified name (<c>estream.iot.IoTTelemetry</c>), or by plain name if only one schema has this
    /// name.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out EsfSchema? schema)
    {
        if (_byQualifiedName.TryGetValue(name, out schema))
        {
            return true;
        }

        foreach (EsfSchema candidate in _schemas)
        {
            if (candidate.Name == name)
            {
                if (schema is not null)
                {
                    schema = null;
                    return false;
                }

                schema = candidate;
            }
        }

        return schema is not null;
    }

    private void Add(EsfSchema schema)
    {
        if (_byQualifiedName.TryGetValue(schema.QualifiedName, out EsfSchema? known))
        {
            if (known.Id != schema.Id)
            {
                throw new EsfSchemaException(
                    $"Schema {schema.QualifiedName} is defined twice with different fields. Rename one of them, or load only one. " +
                    $"First: {known.Definition.CanonicalText} Second: {schema.Definition.CanonicalText}", []);
            }

            return;
        }

        if (!_byId.TryAdd(schema.Id, schema))
        {
            throw new EsfSchemaException(
                $"Schemas {schema.QualifiedName} and {_byId[schema.Id].QualifiedName} have the same 64-bit id by chance. Rename a field "
                + "of one of them.", []);
        }

        // If two names have the same name id, null marks the id as ambiguous: a message of another version has no other hint of its schema.
        _byNameId[schema.Definition.NameId] = _byNameId.ContainsKey(schema.Definition.NameId) ? null : schema;
        _byQualifiedName.Add(schema.QualifiedName, schema);
        _schemas.Add(schema);
    }

    private static EsfSchemaFile ReadFile(string path)
    {
        try
        {
            FileKinds.ThrowIfSpecial(path);
            return new EsfSchemaFile(path, File.ReadAllText(path, Encoding.UTF8));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or EstreamStorageException)
        {
            throw new EsfSchemaException($"Schema file '{path}' cannot be read: {e.Message}", [], path, e);
        }
    }
}

/// <summary>Thrown when schema files cannot be used. The message lists every error with file, line and column.</summary>
public sealed class EsfSchemaException : EstreamException
{
    /// <summary>Creates an exception for the errors of schema files.</summary>
    public EsfSchemaException(string message, IReadOnlyList<SchemaDiagnostic> diagnostics, string? path = null, Exception? inner = null)
        : base(message, path, isTransient: false, inner) => Diagnostics = diagnostics;

    /// <summary>The errors, in the order of the files.</summary>
    public IReadOnlyList<SchemaDiagnostic> Diagnostics { get; }

    internal static EsfSchemaException Of(IReadOnlyList<SchemaDiagnostic> diagnostics)
    {
        string list = string.Join(Environment.NewLine, diagnostics.Select(d => d.ToString()));
        return new EsfSchemaException(list, diagnostics, diagnostics[0].File);
    }
}

/// <summary>The name and text of a schema file.</summary>
/// <param name="Name">The file name, for example <c>iot-telemetry.esf.yaml</c>, or the path from which the file was loaded.</param>
/// <param name="Text">The YAML text.</param>
public sealed record EsfSchemaFile(string Name, string Text);
