using Estream.Marketplace.Json;

namespace Estream.Marketplace.Trust.Namespaces;

/// <summary>That a version is better not used any more, which its users are told; it is chosen as before.</summary>
public sealed record DeprecationEntry : LogEntry
{
    internal const string TypeName = "deprecate";

    /// <summary>Makes an entry.</summary>
    /// <param name="name">The component.</param>
    /// <param name="version">The version.</param>
    /// <param name="isDeprecated">Whether it is; false takes that back.</param>
    /// <param name="message">What users are told: why, and what to use.</param>
    public DeprecationEntry(ComponentName name, SemanticVersion version, bool isDeprecated, string message)
        : base(NamespaceName.Of(name))
    {
        ArgumentNullException.ThrowIfNull(version);
        ArgumentException.ThrowIfNullOrEmpty(message);
        (Name, Version, IsDeprecated, Message) = (name, version, isDeprecated, message);
    }

    /// <summary>The component.</summary>
    public ComponentName Name { get; }

    /// <summary>The version.</summary>
    public SemanticVersion Version { get; }

    /// <summary>Whether it is.</summary>
    public bool IsDeprecated { get; }

    /// <summary>What users are told.</summary>
    public string Message { get; }

    private protected override string Type => TypeName;

    internal static LogEntry? Read(JsonFields fields)
    {
        ComponentName? name = ReadName(fields);
        SemanticVersion? version = ReadVersion(fields);
        bool isDeprecated = fields.Boolean("deprecated");
        string message = fields.Text("message", MaxReasonLength);
        return name is null || version is null || message.Length == 0 ? null : new DeprecationEntry(name, version, isDeprecated, message);
    }

    private protected override void Write(JsonObject json)
    {
        json.Add("name", Name.ToString());
        json.Add("version", Version.ToString());
        json.Add("deprecated", IsDeprecated);
        json.Add("message", Message);
    }
}
