using Estream.Esf.Schema;
using Estream.Marketplace.Json;

namespace Estream.Marketplace.Trust.Namespaces;

/// <summary>Yanks a version, or offers it again. Resolution skips a yanked version; it can still be installed by its exact
/// version.</summary>
public sealed record YankEntry : VersionMarkEntry
{
    internal const string TypeName = "yank";

    private const string MarkMember = "yanked";
    private const string TextMember = "reason";

    /// <summary>Makes an entry.</summary>
    /// <param name="name">The component.</param>
    /// <param name="version">The version.</param>
    /// <param name="isYanked">Whether it is taken back; false offers it again.</param>
    /// <param name="reason">Why, for people.</param>
    public YankEntry(ComponentName name, SemanticVersion version, bool isYanked, string reason)
        : base(name, version, isYanked, reason, nameof(reason))
    {
    }

    /// <summary>Whether it is taken back.</summary>
    public bool IsYanked => IsMarked;

    /// <summary>Why.</summary>
    public string Reason => Text;

    private protected override string Type => TypeName;

    private protected override (string Mark, string Text) Members => (MarkMember, TextMember);

    internal static LogEntry? Read(JsonFields fields) =>
        Read(fields, MarkMember, TextMember, (name, version, isYanked, reason) => new YankEntry(name, version, isYanked, reason));
}
