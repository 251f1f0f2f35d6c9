using System.Globalization;
using System.Text;
using Estream.Esf.Schema.Internal;

namespace Estream.Esf.Schema;

/// <summary>
/// The published versions of the schemas of one file. The lock is stored next to the file and committed with it, so that the build finds a
/// breaking change of a published schema. Immutable and thread-safe.
/// </summary>
public sealed class SchemaLock
{
    /// <summary>The extension of a lock. The extension of its schema file is <c>.esf.yaml</c>.</summary>
    public const string Extension = ".esf.lock";

    private const string SchemaExtension = ".esf.yaml";

    internal const string Header = "# Estream schema lock 1: written by 'estream schema publish'; do not edit.";

    internal SchemaLock(IReadOnlyList<PublishedSchema> schemas) => Schemas = schemas;

    /// <summary>The lock of a file without published schemas.</summary>
    public static SchemaLock Empty { get; } = new([]);

    /// <summary>The published schemas in the order of the lock.</summary>
    public IReadOnlyList<PublishedSchema> Schemas { get; }

    /// <summary>Returns the path of the lock of a schema file, such as <c>doors.esf.lock</c> next to <c>doors.esf.yaml</c>. Null for a file
    /// with another extension.</summary>
    public static string? PathFor(string schemaFile) => schemaFile.EndsWith(SchemaExtension, StringComparison.OrdinalIgnoreCase)
        ? schemaFile.Substring(0, schemaFile.Length - SchemaExtension.Length) + Extension
        : null;

    /// <summary>Finds a published schema by qualified name; returns null if there is none.</summary>
    public PublishedSchema? Find(string qualifiedName) => Schemas.FirstOrDefault(schema => schema.QualifiedName == qualifiedName);

    /// <summary>Finds every breaking change of a schema file since it was published.</summary>
    /// <param name="document">The current content of the file.</param>
    /// <param name="file">The name of the file in messages.</param>
    /// <returns>The breaking changes in the order of the file; none if every published schema still exists and is compatible.</returns>
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

    /// <summary>Returns the schemas of a file whose current version is not published, in the order of the file.</summary>
    public IReadOnlyList<MessageSchema> Unpublished(SchemaDocument document) =>
        document.Schemas.Where(schema => Find(schema.QualifiedName)?.Latest.Id != schema.Id).ToList();

    /// <summary>Returns the lock after publishing a file: with a new version of every schema that changed, in the order of the
    /// file.</summary>
    /// <exception cref="ArgumentException">A change is incompatible with the published version. Call <see cref="Check"/> first.</exception>
    public SchemaLock Publish(SchemaDocument document)
    {
        if (Check(document, "the file") is { Count: > 0 } breaks)
        {
            throw new ArgumentException($"Only a compatible file can be published: {breaks[0]}", nameof(document));
        }

        return new SchemaLock(document.Schemas.Select(AfterPublishing).ToList());
    }

    /// <summary>Returns the lock without a schema whose messages are no longer read.</summary>
    /// <exception cref="ArgumentException">No schema with this name was published.</exception>
    public SchemaLock Without(string qualifiedName) => Find(qualifiedName) is PublishedSchema gone
        ? new SchemaLock(Schemas.Where(schema => schema != gone).ToList())
        : throw new ArgumentException($"No schema '{qualifiedName}' was published.", nameof(qualifiedName));

    /// <summary>Returns the lock as text, as it is committed: a header line, then one line per version.</summary>
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

/// <summary>A published schema with all its versions, each of which extends the previous one. Immutable.</summary>
public sealed class PublishedSchema
{
    internal PublishedSchema(IReadOnlyList<MessageSchema> versions) => Versions = versions;

    /// <summary>The namespace and name, the same in every version.</summary>
    public string QualifiedName => Versions[0].QualifiedName;

    /// <summary>The versions, oldest first. There is at least one.</summary>
    public IReadOnlyList<MessageSchema> Versions { get; }

    /// <summary>The version published last, with which the current schema is compared.</summary>
    public MessageSchema Latest => Versions[Versions.Count - 1];
}
