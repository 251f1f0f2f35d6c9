using System.Diagnostics.CodeAnalysis;
using Estream.Marketplace.Json;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>
/// The policy of a registry (docs/formats/roles.md): the requirements of each category, the trust tiers of components, delegations, and the
/// files of the registry. A delegated document has the same form, without categories and files. Immutable.
/// </summary>
public sealed record TargetsDocument : RoleDocument
{
    /// <summary>The role name of the top-level document.</summary>
    public const string TopName = "targets";

    private static readonly string[] s_reserved = ["root", "snapshot", "timestamp"];

    /// <inheritdoc/>
    public override DocumentType Type => DocumentType.Targets;

    /// <summary>The name of the role: <see cref="TopName"/>, or the role of a delegation.</summary>
    public string Role { get; init; } = TopName;

    /// <summary>The requirements for releases, by category. Releases of other categories are not installed.</summary>
    public IReadOnlyDictionary<string, CategoryPolicy> Categories { get; init; } = new Dictionary<string, CategoryPolicy>();

    /// <summary>The rules that assign trust tiers to components.</summary>
    public IReadOnlyList<TierRule> Rules { get; init; } = [];

    /// <summary>The delegations, tried in this order if no rule matches.</summary>
    public IReadOnlyList<Delegation> Delegations { get; init; } = [];

    /// <summary>The files of the registry by path, such as the text of a license.</summary>
    public IReadOnlyDictionary<string, DocumentReference> Files { get; init; } = new Dictionary<string, DocumentReference>();

    /// <summary>Reads a payload. Accepts any bytes and never throws because of them.</summary>
    /// <param name="payload">The payload, whose signatures the caller verifies.</param>
    /// <param name="targets">The document.</param>
    /// <param name="reason">Why the bytes are not a targets document.</param>
    public static bool TryRead(ReadOnlySpan<byte> payload, [NotNullWhen(true)] out TargetsDocument? targets,
        [NotNullWhen(false)] out string? reason)
    {
        targets = null;
        if (!TryFields(payload, RoleLimits.MaxTargetsBytes, out JsonFields? fields, out reason))
        {
            return false;
        }

        (long version, DateTimeOffset expires) = ReadCommon(fields, DocumentType.Targets);
        string role = fields.Text("role", 64);
        if (!IsRoleName(role))
        {
            fields.Refuse("role", $"'{role}' is not a valid role name");
        }

        Dictionary<string, DocumentKey> keys = KeyTable.Read(fields, "keys");
        TargetsDocument read = new()
        {
            Version = version,
            Expires = expires,
            Role = role,
            Categories = role == TopName ? TargetsMembers.ReadCategories(fields, keys) : new Dictionary<string, CategoryPolicy>(),
            Rules = TargetsMembers.ReadRules(fields),
            Delegations = TargetsMembers.ReadDelegations(fields, keys),
            Files = role == TopName ? TargetsMembers.ReadFiles(fields) : new Dictionary<string, DocumentReference>(),
        };
        reason = fields.End() ?? read.Inexact(payload);
        targets = reason is null ? read : null;
        return reason is null;
    }

    /// <summary>Returns whether a text is a valid role name of targets: it has no character with a special meaning in a path or a
    /// URL.</summary>
    internal static bool IsRoleName(string name) =>
        name.Length is >= 1 and <= 64 && !s_reserved.Contains(name)
            && name.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-');

    private protected override void Write(JsonObject json)
    {
        json.Add("role", Role);
        json.Add("keys",
            KeyTable.Write(Categories.Values.SelectMany(policy => policy.Reviewers)
                .Concat(Delegations.SelectMany(delegation => delegation.Keys.Keys))));
        if (Role == TopName)
        {
            json.Add("categories", TargetsMembers.WriteCategories(Categories));
            json.Add("files", TargetsMembers.WriteFiles(Files));
        }

        json.Add("rules", TargetsMembers.WriteRules(Rules));
        json.Add("delegations", TargetsMembers.WriteDelegations(Delegations));
    }
}

/// <summary>The requirements of a registry for releases of a category. Immutable.</summary>
/// <param name="Approvals">The number of distinct reviewers who must approve a release before it is installed.</param>
/// <param name="Reviewers">The keys whose approvals count.</param>
/// <param name="HighestTier">The highest trust tier of components in the category.</param>
public sealed record CategoryPolicy(int Approvals, IReadOnlyList<DocumentKey> Reviewers, TrustTier HighestTier);

/// <summary>Delegates the trust tiers of some components to another document. Immutable.</summary>
/// <param name="Role">The role name of the delegated document: 1 to 64 lower-case letters, digits and hyphens, and not the name of one of
/// the four roles.</param>
/// <param name="Keys">The keys that sign the delegated document.</param>
/// <param name="Components">The components that the delegated document may assign tiers to.</param>
/// <param name="HighestTier">The highest tier that the delegated document may grant.</param>
/// <param name="IsTerminating">Whether the delegation ends the search: later delegations in the list are then not consulted about its
/// components.</param>
public sealed record Delegation(string Role, RoleKeys Keys, IReadOnlyList<ComponentPattern> Components, TrustTier HighestTier,
    bool IsTerminating);

/// <summary>Assigns a trust tier to some components. The first matching rule applies. Immutable.</summary>
/// <param name="Components">The components.</param>
/// <param name="Tier">The trust tier.</param>
public sealed record TierRule(ComponentPattern Components, TrustTier Tier);

/// <summary>The trust in a component, assigned by the signed policy of its registry and never by the component itself. The values are
/// ordered by trust.</summary>
public enum TrustTier
{
    /// <summary>Not reviewed: the component gets no data until a person has confirmed.</summary>
    Experimental,

    /// <summary>The author is known.</summary>
    Community,

    /// <summary>The component was reviewed.</summary>
    Verified,

    /// <summary>The component comes from the makers of the product.</summary>
    Core,
}
