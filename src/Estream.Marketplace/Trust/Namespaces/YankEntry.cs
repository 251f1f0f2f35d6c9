using Estream.Marketplace.Json;

namespace Estream.Marketplace.Trust.Namespaces;

/// <summary>That a version is taken back, or that it is offered again. It stays what it is and can still be installed by who names it; nobody is given it any more who does not.</summary>
public sealed record YankEntry : LogEntry
{
    internal const string TypeName = "yank";

    /// <summary>Makes an entry.</summary>
    /// <param name="name">The component.</param>
    /// <param name="version">The version.</param>
    /// <param name="isYanked">Whether it is taken back; false offers it again.</param>
    /// <param name="reason">Why, for people.</param>
    public YankEntry(ComponentName name, SemanticVersion version, bool isYanked, string reason)
        : base(NamespaceName.Of(name))
    {
        ArgumentNullException.ThrowIfNull(version);
        ArgumentException.ThrowIfNullOrEmpty(reason);
        (Name, Version, IsYanked, Reason) = (name, version, isYanked, reason);
    }

    /// <summary>The component.</summary>
    public ComponentName Name { get; }

    /// <summary>The version.</summary>
    public SemanticVersion Version { get; }

    /// <summary>Whether it is taken back.</summary>
    public bool IsYanked { get; }

    /// <summary>Why.</summary>
    public string Reason { get; }

    private protected override string Type => TypeName;

    internal static LogEntry? Read(JsonFields fields)
    {
        ComponentName? name = ReadName(fields);
        SemanticVersion? version = ReadVersion(fields);
        bool isYanked = fields.Boolean("yanked");
        string reason = fields.Text("reason", MaxReasonLength);
        return name is null || version is null || reason.Length == 0 ? null : new YankEntry(name, version, isYanked, reason);
    }

    private protected override void Write(JsonObject json)
    {
        json.Add("name", Name.ToString());
        json.Add("version", Version.ToString());
        json.Add("yanked", IsYanked);
        json.Add("reason", Reason);
    }
}
