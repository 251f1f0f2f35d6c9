using Estream.Wire.Compliance.Internal;
using static Estream.Wire.Compliance.Internal.ComplianceRig;

namespace Estream.Wire.Compliance.Checks;

/// <summary>Checks against peers that send invalid data, or valid data in unusual ways.</summary>
internal static class HostilityChecks
{
    private const int MostChanged = 40;
    private const int LongestGarbage = 300;

    /// <summary>The time that an adapter gets to read a few hundred bytes.</summary>
    private static readonly TimeSpan s_reading = TimeSpan.FromMilliseconds(25);

    public static IReadOnlyList<ComplianceCheck> All { get; } =
    [
        new("W1", "messages that arrive byte by byte are accepted", ComplianceTraits.None, BytesAreJoined),
        new("W2", "damaged messages, truncated messages and garbage close at most their own connection", ComplianceTraits.None,
            GarbageEndsNothing),
        new("W3", "a peer that violates the protocol does not disturb others", ComplianceTraits.Listens, OthersAreUndisturbed),
    ];

    private static async Task BytesAreJoined(ComplianceRig rig)
    {
        await rig.StartAsync().ConfigureAwait(false);
        IPeerConnection connection = await rig.OpenAsync().ConfigureAwait(false);
        const int Count = 3;
        for (int number = 1; number <= Count; number++)
        {
            byte[] bytes = connection.Encode(number, rig.Subject.Message(number)).ToArray();
            for (int index = 0; index < bytes.Length; index++)
            {
                await connection.SendAsync(bytes.AsMemory(index, 1), rig.Cancellation).ConfigureAwait(false);
            }
        }

        await rig.UntilAsync(() => rig.Queues.Stored == Count, $"{Count} messages that arrived byte by byte are stored")
            .ConfigureAwait(false);
        AcknowledgementChecks.RequireOnceAndInOrder(rig, Count);
        Require(rig.Queues.LettersStored == 0, "a message that arrives byte by byte must not become a dead letter.");
    }

    private static async Task GarbageEndsNothing(ComplianceRig rig)
    {
        Random random = new(5_150);
        await rig.StartAsync().ConfigureAwait(false);
        for (int number = 0; number < MostChanged; number++)
        {
            IPeerConnection connection = await rig.OpenAsync().ConfigureAwait(false);
            byte[] bytes = connection.Encode(1, rig.Subject.Message(1)).ToArray();
            try
            {
                await connection.SendAsync(Damage(bytes, number, random), rig.Cancellation).ConfigureAwait(false);
            }
            catch (IOException)
            {
                // The adapter has closed the connection already.
            }

            // Disposing the connection discards bytes that the adapter has not read, so the adapter first gets time to read them.
            _ = await rig.WaitAsync(() => connection.IsOver, s_reading).ConfigureAwait(false);
            await connection.DisposeAsync().ConfigureAwait(false);
            Require(rig.IsIngesting, "whatever a peer sends, Ingest must keep running; it has ended.");
        }

        const int Last = 50_000;
        IPeerConnection good = await rig.OpenAsync().ConfigureAwait(false);
        await rig.SendAsync(good, [Last]).ConfigureAwait(false);
        await rig.UntilAsync(() => rig.Queues.Numbers().Contains(Last), "the next valid message is stored").ConfigureAwait(false);
        Require(rig.IsIngesting, "whatever a peer sends, Ingest must keep running; it has ended.");
    }

    private static async Task OthersAreUndisturbed(ComplianceRig rig)
    {
        await rig.StartAsync().ConfigureAwait(false);
        IPeerConnection good = await rig.OpenAsync().ConfigureAwait(false);
        await rig.StoreAsync(good, 1).ConfigureAwait(false);
        await rig.MisbehaveAsync().ConfigureAwait(false);
        Require(!good.IsOver, "a peer that violates the protocol must not close the connection of another; it did.");
        await rig.StoreAsync(good, 2).ConfigureAwait(false);
    }

    private static byte[] Damage(byte[] bytes, int kind, Random random)
    {
        switch (kind % 4)
        {
            case 0:
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1:
                return bytes[..random.Next(bytes.Length)];
            case 2:
                return [.. bytes[..random.Next(bytes.Length)], .. bytes];
            default:
                byte[] garbage = new byte[1 + random.Next(LongestGarbage)];
                random.NextBytes(garbage);
                return garbage;
        }
    }
}
