using Estream.Wire.Compliance.Internal;
using static Estream.Wire.Compliance.Internal.ComplianceRig;

namespace Estream.Wire.Compliance.Checks;

/// <summary>Checks the events that an adapter reports to the operator, and that no event, health or exception shows a secret.</summary>
internal static class EventChecks
{
    private const int BadPeers = 60;
    private const int MostOfAKind = 40;

    public static IReadOnlyList<ComplianceCheck> All { get; } =
    [
        new("E1", "Started and Stopped are each reported once, under the adapter's name", ComplianceTraits.None, StartAndEndAreTold),
        new("E2", "a flood of bad peers does not cause a flood of events", ComplianceTraits.None, FloodIsCut),
        new("E3", "no event, health or exception shows a secret", ComplianceTraits.HasSecret, SecretsAreKept),
        new("E4", "a peer that violates the protocol is reported", ComplianceTraits.None, BadPeerIsTold),
    ];

    private static async Task StartAndEndAreTold(ComplianceRig rig)
    {
        await rig.StartAsync().ConfigureAwait(false);
        IPeerConnection connection = await rig.OpenAsync().ConfigureAwait(false);
        await rig.StoreAsync(connection, 1).ConfigureAwait(false);
        await rig.StopAsync().ConfigureAwait(false);
        await rig.DisposeAdapterAsync().ConfigureAwait(false);
        AdapterEvent[] told = rig.Events;
        foreach (AdapterEventKind kind in new[] { AdapterEventKind.Started, AdapterEventKind.Stopped })
        {
            int times = told.Count(happened => happened.Kind == kind);
            Require(times == 1, $"{kind} must be reported once; it was reported {times} times.");
        }

        foreach (AdapterEvent happened in told)
        {
            Require(happened.Adapter == AdapterName,
                $"events must have the adapter's name, '{AdapterName}'; one has '{happened.Adapter}'.");
            Require(happened.Detail.Length > 0 && !happened.Detail.Any(char.IsControl),
                $"an event must have a detail of one line; that of {happened.Kind} is empty or has control characters.");
        }
    }

    private static async Task FloodIsCut(ComplianceRig rig)
    {
        // The adapter's clock stands still, so all events fall within one second, however long the check takes on this machine.
        rig.Clock.StopTimeOfDay();
        await rig.StartAsync().ConfigureAwait(false);
        for (int peer = 0; peer < BadPeers; peer++)
        {
            await rig.MisbehaveAsync().ConfigureAwait(false);
        }

        foreach (IGrouping<AdapterEventKind, AdapterEvent> kind in rig.Events.GroupBy(happened => happened.Kind))
        {
            Require(kind.Count() <= MostOfAKind,
                $"a flood of bad peers must not cause a flood of events (AdapterEventLog limits it); {BadPeers} within a second caused "
                + $"{kind.Count()} events {kind.Key}.");
        }
    }

    private static async Task SecretsAreKept(ComplianceRig rig)
    {
        List<string> shown = [];
        await rig.StartAsync().ConfigureAwait(false);
        shown.Add($"{rig.Adapter.Health}");
        await rig.MisbehaveAsync().ConfigureAwait(false);
        IPeerConnection connection = await rig.OpenAsync().ConfigureAwait(false);
        await rig.StoreAsync(connection, 1).ConfigureAwait(false);
        shown.Add($"{rig.Adapter.Health} {rig.Adapter} {rig.Adapter.Descriptor}");
        await rig.VanishAsync().ConfigureAwait(false);
        await rig.UntilAsync(() => connection.IsOver, "the connection is closed").ConfigureAwait(false);
        shown.Add($"{rig.Adapter.Health}");
        await rig.StopAsync().ConfigureAwait(false);
        shown.Add($"{rig.Adapter.Health}");
        shown.AddRange(rig.Events.Select(happened => $"{happened}"));
        foreach (string key in rig.Subject.Settings(rig.Site).Keys)
        {
            shown.Add(RefusalOf(rig, key));
        }

        string? leak = shown.Find(text => text.Contains(rig.Site.Secret, StringComparison.Ordinal));
        Require(leak is null,
            $"no event, health or exception may show a secret; this does: "
            + $"{leak?.Replace(rig.Site.Secret, "(the secret)", StringComparison.Ordinal)}");
    }

    private static async Task BadPeerIsTold(ComplianceRig rig)
    {
        await rig.StartAsync().ConfigureAwait(false);
        await rig.MisbehaveAsync().ConfigureAwait(false);
        await rig.UntilAsync(
            () => rig.Events.Any(happened => happened.Kind is AdapterEventKind.ProtocolViolation or AdapterEventKind.ConnectionFailed),
            "ProtocolViolation or ConnectionFailed is reported").ConfigureAwait(false);
    }

    /// <summary>Returns how a nonsensical value of a setting is rejected.</summary>
    private static string RefusalOf(ComplianceRig rig, string key)
    {
        try
        {
            rig.Subject.Factory.Check(AdapterName, rig.Subject.Schemas, [WireAdapterCompliance.Queue],
                rig.Settings((key, "\u0001nonsense")));
            return "";
        }
        catch (WireConfigurationException failure)
        {
            return failure.ToString();
        }
    }
}
