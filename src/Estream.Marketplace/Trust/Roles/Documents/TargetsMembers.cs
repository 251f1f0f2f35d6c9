using Estream.Marketplace.Json;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>Reads and writes the members of targets documents.</summary>
internal static class TargetsMembers
{
    private const int MaxCategories = 64;

    private static readonly string[] s_tiers = ["experimental", "community", "verified", "core"];

    public static string Write(TrustTier tier) => s_tiers[(int)tier];

    public static TrustTier ReadTier(JsonFields fields, string name) =>
        (TrustTier)Math.Max(0, Array.IndexOf(s_tiers, fields.OneOf(name, s_tiers)));

    public static Dictionary<string, CategoryPolicy> ReadCategories(JsonFields fields, Dictionary<string, DocumentKey> keys)
    {
        Dictionary<string, CategoryPolicy> categories = new(StringComparer.Ordinal);
        foreach ((string category, JsonFields member) in fields.ObjectsByName("categories", MaxCategories))
        {
            DocumentKey[] reviewers = KeyTable.ReadNamed(member, "reviewers", keys);
            long approvals = member.Integer("approvals", 0, RoleKeys.MaxKeys);
            if (reviewers.DistinctBy(key => key.MlDsa87Id, StringComparer.Ordinal).Count() < Math.Max(approvals, reviewers.Length))
            {
                member.Refuse(
                    "approvals",
                    $"requires {approvals} of {reviewers.Length} reviewers; name at least that many reviewers, each with a different key");
            }

            categories.Add(category, new CategoryPolicy((int)approvals, reviewers, ReadTier(member, "highestTier")));
        }

        return categories;
    }

    public static JsonObject WriteCategories(IReadOnlyDictionary<string, CategoryPolicy> categories)
    {
        JsonObject json = new();
        foreach ((string category, CategoryPolicy policy) in categories)
        {
            json.Add(category,
                new JsonObject { { "approvals", policy.Approvals }, { "reviewers", KeyTable.WriteNamed(policy.Reviewers) },
                    { "highestTier", Write(policy.HighestTier) } });
        }

        return json;
    }

    public static TierRule[] ReadRules(JsonFields fields) =>
        [.. fields.Objects("rules", RoleLimits.MaxEntries)
            .Select(rule => new TierRule(ReadPattern(rule, rule.Text("components", 128), "components"), ReadTier(rule, "tier")))];

    public static JsonArray WriteRules(IEnumerable<TierRule> rules) =>
        JsonArray.Of(rules.Select(rule => new JsonObject { { "components", rule.Components.Text }, { "tier", Write(rule.Tier) } }));

    public static Delegation[] ReadDelegations(JsonFields fields, Dictionary<string, DocumentKey> keys)
    {
        List<Delegation> delegations = [];
        foreach (JsonFields member in fields.Objects("delegations", RoleLimits.MaxDelegations))
        {
            string role = member.Text("role", 64);
            if (!TargetsDocument.IsRoleName(role) || role == TargetsDocument.TopName || delegations.Exists(other => other.Role == role))
            {
                member.Refuse("role", $"'{role}' is not a valid role name for a delegation, or appears twice");
            }

            RoleKeys? signers = KeyTable.ReadRole(member.Object("signers"), keys);
            ComponentPattern[] components =
                [.. member.Texts("components", 1_000, 128).Select(text => ReadPattern(member, text, "components"))];
            (TrustTier tier, bool isTerminating) = (ReadTier(member, "highestTier"), member.Boolean("terminating"));
            if (signers is not null)
            {
                delegations.Add(new Delegation(role, signers, components, tier, isTerminating));
            }
        }

        return [.. delegations];
    }

    public static JsonArray WriteDelegations(IEnumerable<Delegation> delegations) =>
        JsonArray.Of(delegations.Select(delegation => new JsonObject
    {
        { "role", delegation.Role },
        { "signers", KeyTable.WriteRole(delegation.Keys) },
        { "components", JsonArray.Of(delegation.Components.Select(pattern => (JsonValue)pattern.Text)) },
        { "highestTier", Write(delegation.HighestTier) },
        { "terminating", delegation.IsTerminating },
    }));

    public static Dictionary<string, DocumentReference> ReadFiles(JsonFields fields)
    {
        Dictionary<string, DocumentReference> files = new(StringComparer.Ordinal);
        foreach ((string path, JsonFields member) in fields.ObjectsByName("files", RoleLimits.MaxEntries))
        {
            files.Add(path, DocumentReference.Read(member, RoleLimits.MaxFileBytes));
            if (!IsFilePath(path))
            {
                fields.Refuse(
                    "files", $"'{path}' is not a valid path; use parts of lower-case letters, digits, '.', '_' and '-', separated by '/'");
            }
        }

        return files;
    }

    public static JsonObject WriteFiles(IReadOnlyDictionary<string, DocumentReference> files)
    {
        JsonObject json = new();
        foreach ((string path, DocumentReference reference) in files)
        {
            json.Add(path, reference.ToJson());
        }

        return json;
    }

    /// <summary>Returns whether a path needs no escaping anywhere and cannot leave its directory.</summary>
    internal static bool IsFilePath(string path) => path.Length is >= 1 and <= 200 && path.Split('/').All(part =>
        part.Length > 0 && part[0] != '.'
            && part.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character is '.' or '_' or '-'));

    private static ComponentPattern ReadPattern(JsonFields fields, string text, string name)
    {
        if (ComponentPattern.IsPattern(text))
        {
            return ComponentPattern.Parse(text);
        }

        fields.Refuse(name, $"'{text}' is not a valid component pattern; use '@scope/name', '@scope/*' or '*'");
        return ComponentPattern.Parse("none");
    }
}
