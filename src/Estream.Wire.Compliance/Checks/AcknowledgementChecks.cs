using Estream.Wire.Compliance.Internal;
using static Estream.Wire.Compliance.Internal.ComplianceRig;

namespace Estream.Wire.Compliance.Checks;

/// <summary>Checks that no message is lost after its acknowledgement.</summary>
internal static class AcknowledgementChecks
{
    private const int Messages = 1_000;
    private const int MostAtOnce = 200;
    private const int MostCuts = 500;

    public static IReadOnlyList<ComplianceCheck> All { get; } =
    [
        new("A1", "acknowledged messages are stored, wherever connections are cut", ComplianceTraits.Acknowledges, CutsLoseNothing),
        new("A2", "the messages of a connection are stored once and in order", ComplianceTraits.None, OrderIsKept),
        new("A3", "stored messages are acknowledged without waiting for more", ComplianceTraits.Acknowledges, StoredIsAcknowledged),
    ];

    /// <summary>Requires that every acknowledged message is in the queue.</summary>
    public static void RequireStored(ComplianceRig rig, IReadOnlyCollection<int> acknowledged)
    {
        HashSet<int> stored = [.. rig.Queues.Numbers()];
        int[] lost = [.. acknowledged.Where(number => !stored.Contains(number))];
        Require(
            lost.Length == 0,
            $"acknowledged messages must be stored; {lost.Length} of {acknowledged.Count} acknowledged messages are not, the first of them "
            + $"number {lost.FirstOrDefault()}.");
    }

    /// <summary>Requires that the queue contains the messages 1, 2, 3, … and nothing else.</summary>
    public static void RequireOnceAndInOrder(ComplianceRig rig, int count)
    {
        List<int> stored = rig.Queues.Numbers();
        for (int index = 0; index < Math.Min(stored.Count, count); index++)
        {
            Require(
                stored[index] == index + 1,
                $"the messages of a connection must be stored once and in order; message {index + 1} has number {stored[index]}.");
        }

        Require(stored.Count == count, $"{count} messages were sent on one connection; {stored.Count} are stored.");
    }

    private static async Task CutsLoseNothing(ComplianceRig rig)
    {
        // Seeded, so that a failure is reproducible.
        Random random = new(20_260);
        await rig.StartAsync().ConfigureAwait(false);
        HashSet<int> acknowledged = [];
        for (int cut = 0; acknowledged.Count < Messages && cut < MostCuts; cut++)
        {
            IPeerConnection connection = await rig.OpenAsync().ConfigureAwait(false);
            int[] next = [.. Enumerable.Range(1, Messages).Where(number => !acknowledged.Contains(number)).Take(MostAtOnce)];
            int enough = random.Next(1, next.Length + 1);
            await rig.SendAsync(connection, next).ConfigureAwait(false);
            await rig.UntilAsync(() => connection.Acknowledged.Count >= enough, $"{enough} of {next.Length} messages are acknowledged")
                .ConfigureAwait(false);
            await connection.DisposeAsync().ConfigureAwait(false);
            acknowledged.UnionWith(connection.Acknowledged);
            RequireStored(rig, acknowledged);
        }

        Require(acknowledged.Count == Messages,
            $"messages that are sent again until acknowledged must all be acknowledged; {Messages - acknowledged.Count} of "
            + $"{Messages} are not.");
        int[] order = [.. rig.Queues.Numbers().Distinct()];
        Require(order.SequenceEqual(Enumerable.Range(1, Messages)),
            "messages that are sent again in order must be stored in order; they are not.");
    }

    private static async Task OrderIsKept(ComplianceRig rig)
    {
        await rig.StartAsync().ConfigureAwait(false);
        IPeerConnection connection = await rig.OpenAsync().ConfigureAwait(false);
        await rig.SendAsync(connection, Enumerable.Range(1, Messages)).ConfigureAwait(false);
        await rig.UntilAsync(() => rig.Queues.Stored >= Messages, $"{Messages} messages are stored").ConfigureAwait(false);
        RequireOnceAndInOrder(rig, Messages);
    }

    private static async Task StoredIsAcknowledged(ComplianceRig rig)
    {
        await rig.StartAsync().ConfigureAwait(false);
        IPeerConnection connection = await rig.OpenAsync().ConfigureAwait(false);
        await rig.SendAsync(connection, Enumerable.Range(1, MostAtOnce)).ConfigureAwait(false);
        await rig.UntilAsync(() => connection.Acknowledged.Count == MostAtOnce, $"{MostAtOnce} messages are acknowledged")
            .ConfigureAwait(false);
        RequireOnceAndInOrder(rig, MostAtOnce);
    }
}
