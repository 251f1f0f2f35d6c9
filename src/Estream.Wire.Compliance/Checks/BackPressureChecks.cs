using Estream.Wire.Compliance.Internal;
using static Estream.Wire.Compliance.Internal.ComplianceRig;

namespace Estream.Wire.Compliance.Checks;

/// <summary>Checks that the adapter stops reading from the wire while a queue is full, and acknowledges only stored messages.</summary>
internal static class BackPressureChecks
{
    /// <summary>The number of bytes after which the check fails: far more than two socket buffers hold. If so many bytes are accepted, the
    /// adapter buffers them in memory.</summary>
    private const int Bound = 32 * 1024 * 1024;

    private const int BurstMessages = 1_000;

    private static readonly TimeSpan s_stall = TimeSpan.FromSeconds(2);

    public static IReadOnlyList<ComplianceCheck> All { get; } =
    [
        new("B1", "while the disk is full the adapter stops reading from the peer and buffers nothing", ComplianceTraits.None,
            PeerIsStopped),
        new("B2", "a full disk is reported as unhealthy and StorageBlocked, and only stored messages are acknowledged",
            ComplianceTraits.None, FullDiskIsTold),
        new("B3", "with space again the adapter resumes by itself, and nothing is lost, duplicated or reordered", ComplianceTraits.None,
            RoomIsUsed),
        new("B4", "a full dead-letter queue causes back-pressure too", ComplianceTraits.Acknowledges, FullLettersHoldUp),
        new("B5", "a stalled connection does not delay another", ComplianceTraits.Listens, OthersGoOn),
    ];

    private static async Task PeerIsStopped(ComplianceRig rig)
    {
        await rig.StartAsync().ConfigureAwait(false);
        IPeerConnection connection = await rig.OpenAsync().ConfigureAwait(false);
        rig.Queues.Disk.IsFull = true;
        byte[] burst =
            [.. Enumerable.Range(1, BurstMessages).SelectMany(number => connection.Encode(number, rig.Subject.Message(number)).ToArray())];
        for (long accepted = 0; accepted < Bound; accepted += burst.Length)
        {
            Task sending = connection.SendAsync(burst, rig.Cancellation).AsTask();
            await Task.WhenAny(sending, Task.Delay(s_stall, rig.Cancellation)).ConfigureAwait(false);
            if (!sending.IsCompleted)
            {
                // The adapter does not read. The connection is cut at the end of the check.
                return;
            }

            Require(sending.IsCompletedSuccessfully,
                $"a full disk must not close a connection; sending failed: {sending.Exception?.InnerException?.Message}");
        }

        throw new ComplianceException($"while the disk is full the adapter must stop reading from the peer; it read {Bound >> 20} MiB.");
    }

    private static async Task FullDiskIsTold(ComplianceRig rig)
    {
        (IPeerConnection connection, _) = await FillAsync(rig).ConfigureAwait(false);
        Require(rig.Adapter.Health.Detail.Length > 0, "an unhealthy state must have a reason; it has none.");
        await rig.UntilAsync(() => Has(rig, AdapterEventKind.StorageBlocked), "the event StorageBlocked is reported").ConfigureAwait(false);
        AcknowledgementChecks.RequireStored(rig, connection.Acknowledged);
        Require(!connection.IsOver, "a full disk must not close a connection; it is closed.");
    }

    private static async Task RoomIsUsed(ComplianceRig rig)
    {
        (IPeerConnection connection, Task sending) = await FillAsync(rig).ConfigureAwait(false);
        rig.Queues.Disk.IsFull = false;
        await rig.UntilAsync(() => sending.IsCompleted, "the adapter reads from the peer again").ConfigureAwait(false);
        await sending.ConfigureAwait(false);
        await rig.UntilAsync(() => rig.Queues.Stored >= ComplianceQueues.MoreThanFits, "every message is stored").ConfigureAwait(false);
        AcknowledgementChecks.RequireOnceAndInOrder(rig, ComplianceQueues.MoreThanFits);
        await rig.UntilAsync(HealthState.Healthy, "the adapter is healthy again").ConfigureAwait(false);
        await rig.UntilAsync(() => Has(rig, AdapterEventKind.StorageRecovered), "the event StorageRecovered is reported")
            .ConfigureAwait(false);
        if (rig.Acknowledges)
        {
            await rig.UntilAsync(() => connection.Acknowledged.Count == ComplianceQueues.MoreThanFits, "every message is acknowledged")
                .ConfigureAwait(false);
        }
    }

    private static async Task FullLettersHoldUp(ComplianceRig rig)
    {
        IPeerConnection connection = await OpenWithoutRoomAsync(rig).ConfigureAwait(false);
        Task sending = rig.SendAsync(connection, Enumerable.Range(1, ComplianceQueues.MoreThanFits), _ => rig.Subject.Unfit).AsTask();
        await rig.UntilAsync(HealthState.Unhealthy, "the adapter is unhealthy because dead letters cannot be written")
            .ConfigureAwait(false);
        int acknowledged = connection.Acknowledged.Count;
        Require(acknowledged <= rig.Queues.LettersStored,
            $"only stored dead letters may be acknowledged; {acknowledged} are acknowledged but only {rig.Queues.LettersStored} are "
            + "stored.");
        rig.Queues.Disk.IsFull = false;
        await rig.UntilAsync(() => rig.Queues.LettersStored >= ComplianceQueues.MoreThanFits, "every message is a dead letter")
            .ConfigureAwait(false);
        await sending.ConfigureAwait(false);
    }

    private static async Task OthersGoOn(ComplianceRig rig)
    {
        await rig.StartAsync().ConfigureAwait(false);
        IPeerConnection stuck = await rig.OpenAsync().ConfigureAwait(false);
        ReadOnlyMemory<byte> bytes = stuck.Encode(1, rig.Subject.Message(1));
        await stuck.SendAsync(bytes[..(bytes.Length / 2)], rig.Cancellation).ConfigureAwait(false);
        IPeerConnection other = await rig.OpenAsync().ConfigureAwait(false);
        await rig.StoreAsync(other, 2).ConfigureAwait(false);
        await stuck.SendAsync(bytes[(bytes.Length / 2)..], rig.Cancellation).ConfigureAwait(false);
        await rig.UntilAsync(() => rig.Queues.Stored == 2, "a message whose second half arrives late is stored").ConfigureAwait(false);
    }

    /// <summary>Starts an adapter with a full disk and a connected peer.</summary>
    private static async Task<IPeerConnection> OpenWithoutRoomAsync(ComplianceRig rig)
    {
        await rig.StartAsync().ConfigureAwait(false);
        IPeerConnection connection = await rig.OpenAsync().ConfigureAwait(false);

        // Wait until the adapter is healthy, so that a later unhealthy state is caused by the disk and not by connecting.
        await rig.UntilAsync(HealthState.Healthy, "the adapter is healthy while there is space").ConfigureAwait(false);
        rig.Queues.Disk.IsFull = true;
        return connection;
    }

    private static async Task<(IPeerConnection Connection, Task Sending)> FillAsync(ComplianceRig rig)
    {
        IPeerConnection connection = await OpenWithoutRoomAsync(rig).ConfigureAwait(false);
        Task sending = rig.SendAsync(connection, Enumerable.Range(1, ComplianceQueues.MoreThanFits)).AsTask();
        await rig.UntilAsync(HealthState.Unhealthy, "the adapter is unhealthy because a queue cannot be written").ConfigureAwait(false);
        return (connection, sending);
    }

    private static bool Has(ComplianceRig rig, AdapterEventKind kind)
    {
        return rig.Events.Any(happened => happened.Kind == kind);
    }
}
