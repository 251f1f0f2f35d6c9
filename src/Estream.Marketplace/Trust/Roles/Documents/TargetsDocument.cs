using System.Diagnostics.CodeAnalysis;
using Estream.Marketplace.Json;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>
/// The policy of a registry (docs/formats/roles.md): what it asks of each category, how far it trusts which components, whom else it lets
/// say so, and the files that belong to it. A document that another one delegates to has the same shape, without categories and files.
/// Immutable.
/// </summary>
public sealed record TargetsDocument : RoleDocument
{
    /// <summary>The name of the first one.</summary>
    public const string TopName = "targets";

    private static readonly string[] s_reserved = ["root", "snapshot", "timestamp"];

    /// <inheritdoc/>
    public override DocumentType Type => DocumentType.Targets;

    /// <summary>The name of the role: <see cref="TopName"/>, or that of a delegation.</summary>
    public string Role { get; init; } = TopName;

    /// <summary>What is asked of the releases of a category, by its name. A category that is not there is not installed.</summary>
    public IReadOnlyDictionary<string, CategoryPolicy> Categories { get; init; } = new Dictionary<string, CategoryPolicy>();

    /// <summary>How far components are trusted.</summary>
    public IReadOnlyList<TierRule> Rules { get; init; } = [];

    /// <summary>Who is asked where no rule matches, in this order.</summary>
    public IReadOnlyList<Delegation> Delegations { get; init; } = [];

    /// <summary>Files of the registry by their paths, such as the words of a licence.</summary>
    public IReadOnlyDictionary<string, DocumentReference> Files { get; init; } = new Dictionary<string, DocumentReference>();

    /// <summary>Reads a payload. Whatever bytes it is given, it answers and does not throw.</summary>
    /// <param name="payload">The bytes, whose signatures the caller verifies.</param>
    /// <param name="targets">The document.</param>
    /// <param name="reason">Why it is none.</param>
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
            fields.Refuse("role", $"'{role}' is no name of a role");
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

    /// <summary>Whether a text is a name of targets: nothing that means something in a path or an address.</summary>
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

/// <summary>What a registry asks of the releases of a category. Immutable.</summary>
/// <param name="Approvals">How many distinct reviewers have to approve of a release before it is installed.</param>
/// <param name="Reviewers">Whose approvals count.</param>
/// <param name="HighestTier">What its components are trusted with at most.</param>
public sealed record CategoryPolicy(int Approvals, IReadOnlyList<DocumentKey> Reviewers, TrustTier HighestTier);

/// <summary>Who else says how far some components are trusted. Immutable.</summary>
/// <param name="Role">The name of the document that says it: 1 to 64 lower-case letters, digits and hyphens, and none of the four
/// roles.</param>
/// <param name="Keys">Who signs it.</param>
/// <param name="Components">Which components it may speak of.</param>
/// <param name="HighestTier">What it may grant at most.</param>
/// <param name="IsTerminating">Whether nobody behind it in the list is asked about those components.</param>
public sealed record Delegation(string Role, RoleKeys Keys, IReadOnlyList<ComponentPattern> Components, TrustTier HighestTier,
    bool IsTerminating);

/// <summary>How far some components are trusted. Of several rules the first that matches counts. Immutable.</summary>
/// <param name="Components">Which.</param>
/// <param name="Tier">How far.</param>
public sealed record TierRule(ComponentPattern Components, TrustTier Tier);

/// <summary>How far a component is trusted, by the signed policy of its registry and never by what it says of itself. The order is that of
/// trust.</summary>
public enum TrustTier
{
    /// <summary>Nobody has looked at it: it gets no data until a person has been asked.</summary>
    Experimental,

    /// <summary>Its author is known.</summary>
    Community,

    /// <summary>It was reviewed.</summary>
    Verified,

    /// <summary>It is of those who make the product.</summary>
    Core,
}
