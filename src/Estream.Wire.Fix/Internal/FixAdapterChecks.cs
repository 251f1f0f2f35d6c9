using Estream.Core;

namespace Estream.Wire.Fix.Internal;

/// <summary>Validates the options of an adapter.</summary>
internal static class FixAdapterChecks
{
    public const string FillSchema = "estream.trading.EStreamFill";

    private const int MostOrders = 10_000_000;

    // The schemas of orders, whose submitter is private.
    private static readonly IReadOnlyList<string> s_orderSchemas = FixTranslator.SchemasOf("D");

    public static void Check(FixAdapterOptions options, IClock clock)
    {
        if ((options.Acceptor is null) == (options.Initiator is null))
        {
            throw new WireConfigurationException("Acceptor", "set exactly one of Acceptor and Initiator.");
        }

        if (options.Sessions.Count == 0 || (options.Initiator is not null && options.Sessions.Count > 1))
        {
            throw new WireConfigurationException("Sessions", "needs at least one session; an initiator needs exactly one.");
        }

        if (options.Sessions.Any(one => one.Session.Protocol != options.Sessions[0].Session.Protocol || one.Session.Journal is not null))
        {
            throw new WireConfigurationException("Sessions", "must all have the same Version, and name journals by directory.");
        }

        FixTranslator.Check(options.Translation);
        CheckMappings(options);
        CheckEgress(options);
        CheckJournals(options);
        CheckSessions(options, clock);
    }

    private static void CheckMappings(FixAdapterOptions options)
    {
        if (options.Mappings.FirstOrDefault(mapping => !FixTranslator.MsgTypes.Contains(mapping.MsgType)) is { } stranger)
        {
            throw new WireConfigurationException("Mappings",
                $"'{stranger.MsgType}' is not translated; write {string.Join(" or ", FixTranslator.MsgTypes)}.");
        }

        if (options.Mappings.FirstOrDefault(one => !FixTranslator.SchemasOf(one.MsgType).Contains(one.SchemaName)) is { } other)
        {
            throw new WireConfigurationException("Mappings",
                $"'{other.Schema}' is not a schema of messages of type {other.MsgType}; write "
                + $"{string.Join(" or ", FixTranslator.SchemasOf(other.MsgType))}.");
        }

        if (options.Mappings.DistinctBy(mapping => mapping.MsgType).Count() < options.Mappings.Count)
        {
            throw new WireConfigurationException("Mappings", "name a MsgType twice; messages of a type go to one queue.");
        }
    }

    private static void CheckEgress(FixAdapterOptions options)
    {
        foreach (FixEgress egress in options.Egress)
        {
            IEnumerable<string> schemas = FixTranslator.MsgTypes.SelectMany(FixTranslator.SchemasOf).Distinct();
            if (!schemas.Contains(egress.Schema))
            {
                throw new WireConfigurationException(
                    "Egress", $"'{egress.Schema}' cannot be sent; write one of: {string.Join(", ", schemas)}.");
            }

            CheckTarget(options, egress.TargetCompId);
        }

        if (options.Egress.DistinctBy(egress => egress.Schema).Count() < options.Egress.Count)
        {
            throw new WireConfigurationException("Egress", "names a schema twice; messages of a schema go to one counterparty.");
        }

        if (options.Egress.Any(egress => egress.Schema == FillSchema) && options.Mappings.All(mapping => mapping.MsgType != "D"))
        {
            throw new WireConfigurationException("Egress",
                "sends fills, but no orders are mapped, and a report needs the state of its order. Map D.");
        }

        if (options.MaxOrders is < 1 or > MostOrders)
        {
            throw new WireConfigurationException("MaxOrders",
                $"{options.MaxOrders} is not accepted; write a whole number from 1 to {MostOrders}.");
        }
    }

    /// <summary>An egress names only the target. With two sessions for one target, a message could be sent on either session, and orders of
    /// one session would be looked up in the journal of the other session.</summary>
    private static void CheckTarget(FixAdapterOptions options, string target)
    {
        int sessions = options.Sessions.Count(one => one.Session.TargetCompId == target);
        if (sessions == 0)
        {
            throw new WireConfigurationException("Egress", $"there is no session with '{target}'.");
        }

        if (sessions > 1)
        {
            throw new WireConfigurationException(
                "Egress", $"there are {sessions} sessions with '{target}', so the sending session is ambiguous. Keep one, and move the "
                + "others to separate adapters.");
        }
    }

    /// <summary>A sent order is kept unchanged in the journal for a ResendRequest, and its submitter (115) is private, so the journal must
    /// be encrypted.</summary>
    private static void CheckJournals(FixAdapterOptions options)
    {
        if (options.Sessions.Any(one => one.JournalKeyFile is not null && one.JournalDirectory is null))
        {
            throw new WireConfigurationException("Sessions",
                "have a JournalKeyFile without a Journal. Set Journal, or leave JournalKeyFile out.");
        }

        if (options.Sessions.Any(one => one.JournalPrivateKeyFile is not null && one.JournalKeyFile is null))
        {
            throw new WireConfigurationException("Sessions",
                "have a JournalPrivateKeyFile without a JournalKeyFile. Set both, or leave JournalPrivateKeyFile out.");
        }

        HashSet<string> targets =
            [.. options.Egress.Where(egress => s_orderSchemas.Contains(egress.Schema)).Select(egress => egress.TargetCompId)];
        if (options.Sessions.FirstOrDefault(one => targets.Contains(one.Session.TargetCompId) && one.JournalDirectory is not null
            && one.JournalKeyFile is null)?.Session.TargetCompId is { } target)
        {
            throw new WireConfigurationException(
                "Sessions", $"need a JournalKeyFile for {target}: otherwise the journal holds the submitters of sent orders as plaintext. "
                + "Set JournalKeyFile, or leave Journal out.");
        }
    }

    /// <summary>Acceptor, initiator and sessions validate their own options. Without journals they hold no resources, so they need no
    /// disposal.</summary>
    private static void CheckSessions(FixAdapterOptions options, IClock clock)
    {
        FixSessionOptions[] sessions = [.. options.Sessions.Select(one => one.Session)];
        try
        {
            _ = options.Acceptor is { } acceptor
                ? (object)new FixAcceptor(acceptor, sessions, new Nobody(), clock, _ => { })
                : new FixInitiator(options.Initiator!, sessions[0], new Nobody(), clock, _ => { });
        }
        catch (ArgumentException failure)
        {
            throw new WireConfigurationException("Sessions", failure.Message, failure);
        }
    }

    private sealed class Nobody : IFixApplication
    {
        public FixVerdict OnMessage(FixSession session, in FixMessage message)
        {
            return FixVerdict.Unsupported;
        }
    }
}
