using System.Diagnostics.CodeAnalysis;
using Estream.Esf;

namespace Estream.Cli.Data;

/// <summary>The schemas messages are decoded with: the built-in ones, files named on the command line, and those beside the data.</summary>
internal sealed class SchemaCatalog
{
    private readonly List<EsfSchemaSet> _others = [];

    private SchemaCatalog(EsfSchemaSet known)
    {
        Known = known;
    }

    /// <summary>Those that can be named. Of two definitions of one name it is the built-in one, else that of the command line, else the
    /// newest.</summary>
    public EsfSchemaSet Known { get; private set; }

    /// <summary>All of them, of one name the others too.</summary>
    public IEnumerable<EsfSchema> All => _others.SelectMany(set => set.Schemas).Concat(Known.Schemas);

    /// <summary>Whether one that is not built in has fields that are never shown in clear. Then a message of an unknown schema may be one
    /// of those.</summary>
    public bool HasProtected => All.Any(schema => schema.IsProtected && !EsfSchemaSet.BuiltIn.TryGet(schema.Id, out _));

    /// <summary>Collects them.</summary>
    /// <exception cref="EsfSchemaException">A file cannot be read or holds a mistake, or one of the command line contradicts
    /// another.</exception>
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

    /// <summary>Finds the schema of a message: the one that wrote it, wherever it is kept, else another version of it that can be
    /// named.</summary>
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

    /// <summary>A schema that was changed since leaves its old file beside the data, and messages that only that file describes.</summary>
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
