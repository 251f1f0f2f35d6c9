namespace Estream.Esf.Schema;

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
