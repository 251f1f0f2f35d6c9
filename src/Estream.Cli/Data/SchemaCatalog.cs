using Estream.Esf;

namespace Estream.Cli.Data;

/// <summary>The schemas messages are decoded with: the built-in ones, those beside the data, and files named on the command line.</summary>
internal sealed class SchemaCatalog
{
    private SchemaCatalog(EsfSchemaSet known)
    {
        Known = known;
    }

    public EsfSchemaSet Known { get; }

    /// <summary>Collects them.</summary>
    /// <exception cref="EsfSchemaException">A file cannot be read, holds a mistake, or defines a schema differently than another.</exception>
    public static SchemaCatalog Load(DataFolder data, IEnumerable<string> files)
    {
        EsfSchemaSet set = EsfSchemaSet.BuiltIn;
        foreach (string file in data.SchemaFiles().Concat(files))
        {
            set = set.With(EsfSchemaSet.Load(file));
        }

        return new SchemaCatalog(set);
    }
}
