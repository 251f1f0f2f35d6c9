namespace Estream.Esf.Schema.Internal;

/// <summary>Reads the <c>privacy</c> of a field: a level, or a default level with audiences.</summary>
internal static class PrivacyReader
{
    private const string Example = "privacy: encrypted";
    private const string ProfileExample = "profile: hipaa";
    private const string SubLexExample = "sublex: clinical";
    private const string AudienceExample = "audiences: [{ audience: auditor, level: public }]";

    /// <summary>Returns the rule; the public rule if the node is missing; null after reporting an error.</summary>
    public static PrivacyRule? Read(SourceNode? node, DiagnosticSink sink)
    {
        switch (node)
        {
            case null:
                return PrivacyRule.Public;
            case ScalarNode { Value.Length: > 0 } scalar:
                return ReadLevel(scalar, sink) is PrivacyLevel level ? new PrivacyRule(level, []) : null;
            case MapNode map:
                return ReadMap(map, sink);
            default:
                sink.Report(DiagnosticCodes.WrongShape, node, Messages.WrongShape("'privacy'", "a level or a mapping", node, Example));
                return null;
        }
    }

    private static PrivacyRule? ReadMap(MapNode map, DiagnosticSink sink)
    {
        sink.OnlyKeys(map, "'privacy'", "default_level", "audiences", "sublex", "profile");
        if (map.Find("profile") is SourceNode profile)
        {
            return ReadProfile(map, profile, sink);
        }

        PrivacyLevel? level = ReadRequiredLevel(map, "default_level", "'privacy'", sink);
        SourceNode? node = map.Find("audiences");
        List<AudienceGrant>? grants = node is null ? [] : ReadAudiences(node, sink);
        bool isGood = TryReadSubLex(map, level, sink, out string? subLex);
        if (level is not PrivacyLevel known || grants is null || !isGood)
        {
            return null;
        }

        if (known == PrivacyLevel.Tokenized && grants.Count > 0)
        {
            sink.Report(DiagnosticCodes.Privacy, node!, Messages.TokenizedForAudiences());
            return null;
        }

        if (grants.FirstOrDefault(grant => grant.Level == PrivacyLevel.Tokenized) is AudienceGrant part)
        {
            sink.Report(DiagnosticCodes.Privacy, node!, Messages.TokenizedForOne(part.Audience));
            return null;
        }

        // A public value is readable by everyone, so no audience can be excluded.
        if (known == PrivacyLevel.Public && grants.FirstOrDefault(grant => grant.Level == PrivacyLevel.Encrypted) is AudienceGrant excluded)
        {
            sink.Report(DiagnosticCodes.Privacy, node!, Messages.PublicButNotFor(excluded.Audience));
            return null;
        }

        return new PrivacyRule(known, grants, subLex);
    }

    private static PrivacyRule? ReadProfile(MapNode map, SourceNode node, DiagnosticSink sink)
    {
        if (sink.AsScalar(node, "'profile'", ProfileExample) is not ScalarNode name)
        {
            return null;
        }

        if (!PrivacyProfiles.TryGet(name.Value, out IReadOnlyList<string> audiences))
        {
            sink.Report(DiagnosticCodes.Privacy, name, Messages.UnknownProfile(name.Value));
            return null;
        }

        if (map.Find("audiences") is SourceNode others)
        {
            sink.Report(DiagnosticCodes.Privacy, others, Messages.ProfileWithAudiences(name.Value, audiences));
            return null;
        }

        PrivacyLevel? level = map.Find("default_level") is null
            ? PrivacyLevel.Encrypted
            : ReadRequiredLevel(map, "default_level", "'privacy'", sink);
        if (level == PrivacyLevel.Public)
        {
            sink.Report(DiagnosticCodes.Privacy, node, Messages.ProfileOfPublic(name.Value));
            return null;
        }

        return !TryReadSubLex(map, level, sink, out string? subLex) || level is not PrivacyLevel known ? null
            : new PrivacyRule(known,
                known == PrivacyLevel.Tokenized ? [] : [.. audiences.Select(audience => new AudienceGrant(audience, PrivacyLevel.Public))],
                subLex);
    }

    private static bool TryReadSubLex(MapNode map, PrivacyLevel? level, DiagnosticSink sink, out string? name)
    {
        name = null;
        if (map.Find("sublex") is not SourceNode node)
        {
            return true;
        }

        if (sink.AsScalar(node, "'sublex'", SubLexExample) is not ScalarNode scalar)
        {
            return false;
        }

        if (!NameRule.IsFieldName(scalar.Value))
        {
            sink.Report(DiagnosticCodes.Privacy, scalar, Messages.BadSubLex(scalar.Value));
            return false;
        }

        if (level is not (null or PrivacyLevel.Encrypted))
        {
            sink.Report(DiagnosticCodes.Privacy, scalar, Messages.SubLexOfPublic(scalar.Value));
            return false;
        }

        name = scalar.Value;
        return true;
    }

    private static List<AudienceGrant>? ReadAudiences(SourceNode node, DiagnosticSink sink)
    {
        if (sink.AsList(node, "'audiences'", AudienceExample) is not ListNode list)
        {
            return null;
        }

        List<AudienceGrant> grants = new(list.Items.Count);
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (SourceNode item in list.Items)
        {
            if (ReadAudience(item, seen, sink) is AudienceGrant grant)
            {
                grants.Add(grant);
            }
        }

        return grants.Count == list.Items.Count ? grants : null;
    }

    private static AudienceGrant? ReadAudience(SourceNode node, HashSet<string> seen, DiagnosticSink sink)
    {
        if (sink.AsMap(node, "an entry of 'audiences'", AudienceExample) is not MapNode map)
        {
            return null;
        }

        sink.OnlyKeys(map, "an entry of 'audiences'", "audience", "level");
        PrivacyLevel? level = ReadRequiredLevel(map, "level", "an entry of 'audiences'", sink);
        SourceNode? nameNode = map.Find("audience");
        if (nameNode is null)
        {
            sink.Report(DiagnosticCodes.MissingKey, map, Messages.Missing("an entry of 'audiences'", "audience", "audience: auditor"));
            return null;
        }

        if (sink.AsScalar(nameNode, "'audience'", "audience: auditor") is not ScalarNode name)
        {
            return null;
        }

        if (!NameRule.IsFieldName(name.Value))
        {
            sink.Report(DiagnosticCodes.Privacy, name, Messages.BadAudience(name.Value));
            return null;
        }

        if (!seen.Add(name.Value))
        {
            sink.Report(DiagnosticCodes.Privacy, name, Messages.AudienceTwice(name.Value));
            return null;
        }

        return level is PrivacyLevel known ? new AudienceGrant(name.Value, known) : null;
    }

    private static PrivacyLevel? ReadRequiredLevel(MapNode map, string key, string where, DiagnosticSink sink)
    {
        SourceNode? node = map.Find(key);
        if (node is null)
        {
            sink.Report(DiagnosticCodes.MissingKey, map, Messages.Missing(where, key, key + ": encrypted"));
            return null;
        }

        return sink.AsScalar(node, $"'{key}'", key + ": encrypted") is ScalarNode scalar ? ReadLevel(scalar, sink) : null;
    }

    private static PrivacyLevel? ReadLevel(ScalarNode node, DiagnosticSink sink)
    {
        if (PrivacyNames.TryGet(node.Value, out PrivacyLevel level))
        {
            return level;
        }

        sink.Report(DiagnosticCodes.Privacy, node, Messages.PrivacyLevel(node.Value));
        return null;
    }
}
