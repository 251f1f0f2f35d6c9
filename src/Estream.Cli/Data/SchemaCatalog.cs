using System.Diagnostics.CodeAnalysis;
using Estream.Esf;

namespace Estream.Cli.Data;

/// <summary>The schemas for decoding messages: built-in schemas, files named on the command line, and files in the data folder.</summary>
internal sealed class SchemaCatalog
{
    private readonly List<EsfSchemaSet> _others = [];

    private SchemaCatalog(EsfSchemaSet known)
    {
        Known = known;
    }

    /// <summary>The schemas that can be found by name. If several schemas have a name, the built-in schema is used, or else the schema from
    /// the command line, or else the newest schema in the data folder.</summary>
    public EsfSchemaSet Known { get; private set; }

    /// <summary>All schemas, including schemas whose name means another schema in <see cref="Known"/>.</summary>
    public IEnumerable<EsfSchema> All => _others.SelectMany(set => set.Schemas).Concat(Known.Schemas);

    /// <summary>Whether a schema that is not built in has protected fields. If so, a message of an unknown schema may contain protected
    /// values too.</summary>
    public bool HasProtected => All.Any(schema => schema.IsProtected && !EsfSchemaSet.BuiltIn.TryGet(schema.Id, out _));

    /// <summary>Loads all schemas.</summary>
    /// <exception cref="EsfSchemaException">A file cannot be read or has errors, or files named on the command line contradict each
    /// other.</exception>
    public static SchemaCatalog Load(DataFolder data, IEnumerable<string> files)
    {
        EsfSchemaSet named = EsfSchemaSet.BuiltIn.With(EsfSchemaSet.Load(files));
        SchemaCatalog catalog = new(named);
        foreach (string file in data.SchemaFiles())
        {
            catalog.Add(EsfSchemaSet.Load(file));
        }

        return catalog;
    }

    /// <summary>Finds the schema of a message: the exact version that wrote it, or else another version from <see cref="Known"/>.</summary>
    public bool TryGet(ReadOnlySpan<byte> message, [NotNullWhen(true)] out EsfSchema? schema)
    {
        return TryGetWriter(message, out schema) || Known.TryGet(message, out schema);
    }

    private bool TryGetWriter(ReadOnlySpan<byte> message, [NotNullWhen(true)] out EsfSchema? schema)
    {
        schema = null;
        if (!EsfMessageHeader.TryReadSchemaId(message, out ulong id))
        {
            return false;
        }

        EsfSchemaSet? other = null;
        return Known.TryGet(id, out schema)
            || ((other = _others.Find(set => set.TryGet(id, out _))) is not null && other.TryGet(id, out schema));
    }

    /// <summary>Adds a schema file of the data folder. A file that contradicts <see cref="Known"/> has an old version of a changed
    /// schema. Its schemas are found only by their ids, for older messages.</summary>
    private void Add(EsfSchemaSet besideTheData)
    {
        try
        {
            Known = Known.With(besideTheData);
        }
        catch (EsfSchemaException)
        {
            _others.Add(besideTheData);
        }
    }
}
