using System.Globalization;
using System.Text;
using Estream.Esf.Schema.Internal;

namespace Estream.Esf.Schema;

/// <summary>
/// The published versions of the schemas of one file. It is kept beside the file and committed with it, so that a
/// change of a published schema is found where it is made. Immutable and thread-safe.
/// </summary>
public sealed class SchemaLock
{
    /// <summary>How the name of a lock ends; that of its schema file ends in <c>.esf.yaml</c>.</summary>
    public const string Extension = ".esf.lock";

    private const string SchemaExtension = ".esf.yaml";

    internal const string Header = "# Estream schema lock 1: written by 'estream schema publish'; do not edit.";

    internal SchemaLock(IReadOnlyList<PublishedSchema> schemas) => Schemas = schemas;

    /// <summary>The lock of a file of which nothing was published.</summary>
    public static SchemaLock Empty { get; } = new([]);

    /// <summary>The published schemas in the order of the lock.</summary>
    public IReadOnlyList<PublishedSchema> Schemas { get; }

    /// <summary>Where the lock of a schema file lies: <c>doors.esf.lock</c> beside <c>doors.esf.yaml</c>; null for a file that is not named
    /// so.</summary>
    public static string? PathFor(string schemaFile) => schemaFile.EndsWith(SchemaExtension, StringComparison.OrdinalIgnoreCase)
        ? schemaFile.Substring(0, schemaFile.Length - SchemaExtension.Length) + Extension
        : null;

    /// <summary>Finds a published schema by qualified name; null when there is none.</summary>
    public PublishedSchema? Find(string qualifiedName) => Schemas.FirstOrDefault(schema => schema.QualifiedName == qualifiedName);

    /// <summary>Finds every breaking change of a schema file since it was published.</summary>
    /// <param name="document">What the file holds today.</param>
    /// <param name="file">The name of the file, as messages shall show it.</param>
    /// <returns>The changes in the order of the file; none when every published schema is there and extends what was published.</returns>
    public IReadOnlyList<SchemaDiagnostic> Check(SchemaDocument document, string file)
    {
        List<SchemaDiagnostic> breaks = [];
        foreach (PublishedSchema published in Schemas)
        {
            if (document.Schemas.FirstOrDefault(schema => schema.QualifiedName == published.QualifiedName) is MessageSchema today)
            {
                breaks.AddRange(SchemaCompatibility.Compare(published.Latest, today, file));
            }
            else
            {
                breaks.Add(new SchemaDiagnostic(
                    DiagnosticCodes.SchemaGone, file, new SourcePosition(1, 1), EvolutionMessages.SchemaGone(published.QualifiedName)));
            }
        }

        return breaks.OrderBy(change => change.Position.Line).ThenBy(change => change.Position.Column).ToList();
    }

    /// <summary>The schemas of a file whose present form was not published, in the order of the file.</summary>
    public IReadOnlyList<MessageSchema> Unpublished(SchemaDocument document) =>
        document.Schemas.Where(schema => Find(schema.QualifiedName)?.Latest.Id != schema.Id).ToList();

    /// <summary>The lock after publishing a file: a new version for every schema that changed, in the order of the file.</summary>
    /// <exception cref="ArgumentException">A change breaks what was published: look with <see cref="Check"/> first.</exception>
    public SchemaLock Publish(SchemaDocument document)
    {
        if (Check(document, "the file") is { Count: > 0 } breaks)
        {
            throw new ArgumentException($"Only a compatible file can be published: {breaks[0]}", nameof(document));
        }

        return new SchemaLock(document.Schemas.Select(AfterPublishing).ToList());
    }

    /// <summary>The lock without a schema, when nobody reads its messages any more.</summary>
    /// <exception cref="ArgumentException">No schema of that name was published.</exception>
    public SchemaLock Without(string qualifiedName) => Find(qualifiedName) is PublishedSchema gone
        ? new SchemaLock(Schemas.Where(schema => schema != gone).ToList())
        : throw new ArgumentException($"No schema '{qualifiedName}' was published.", nameof(qualifiedName));

    /// <summary>The lock as text, as it is committed: a line that says what it is, then a line per version.</summary>
    public override string ToString()
    {
        StringBuilder text = new StringBuilder(Header).Append('\n');
        foreach (MessageSchema version in Schemas.SelectMany(schema => schema.Versions))
        {
            text.Append(IdText(version)).Append(' ').Append(version.CanonicalText).Append('\n');
        }

        return text.ToString();
    }

    internal static string IdText(MessageSchema schema) => schema.Id.ToString("x16", CultureInfo.InvariantCulture);

    private PublishedSchema AfterPublishing(MessageSchema today)
    {
        PublishedSchema? published = Find(today.QualifiedName);
        return published is null ? new PublishedSchema([today])
            : published.Latest.Id == today.Id ? published
            : new PublishedSchema([.. published.Versions, today]);
    }
}

/// <summary>A schema as it was published: every version of it, each extending the one before. Immutable.</summary>
public sealed class PublishedSchema
{
    internal PublishedSchema(IReadOnlyList<MessageSchema> versions) => Versions = versions;

    /// <summary>Namespace and name, the same in every version.</summary>
    public string QualifiedName => Versions[0].QualifiedName;

    /// <summary>The versions, the oldest first. There is at least one.</summary>
    public IReadOnlyList<MessageSchema> Versions { get; }

    /// <summary>The version that was published last: what a change is compared with.</summary>
    public MessageSchema Latest => Versions[Versions.Count - 1];
}
