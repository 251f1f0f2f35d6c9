using Estream.Wire.Compliance.Internal;
using static Estream.Wire.Compliance.Internal.ComplianceRig;

namespace Estream.Wire.Compliance.Checks;

/// <summary>Checks statistics and the results of Emit.</summary>
internal static class CountingChecks
{
    private const int Messages = 5;

    public static IReadOnlyList<ComplianceCheck> All { get; } =
    [
        new("M1", "statistics count messages, bytes, dead letters and connections", ComplianceTraits.None, StatisticsAgree),
        new("M2", "Emit says Ok when the peer has the message", ComplianceTraits.Sends, EmittedIsReceived),
        new("M3", "Emit says that there is no connection, and does not wait for one", ComplianceTraits.Sends, NobodyReceives),
    ];

    private static async Task StatisticsAgree(ComplianceRig rig)
    {
        await rig.StartAsync().ConfigureAwait(false);
        AdapterStatistics before = rig.Adapter.Statistics;
        Require(before is { ReceivedTotal: 0, BytesTotal: 0 }, $"an adapter that has received nothing counts nothing; it says {before}.");
        IPeerConnection connection = await rig.OpenAsync().ConfigureAwait(false);
        await rig.UntilAsync(() => rig.Adapter.Statistics.Connections == 1, "one connection is counted").ConfigureAwait(false);
        long rejected = rig.Adapter.Statistics.RejectedTotal;
        await rig.SendAsync(connection, Enumerable.Range(1, Messages)).ConfigureAwait(false);
        await rig.SendAsync(connection, [Messages + 1], _ => rig.Subject.Unfit).ConfigureAwait(false);
        await rig.UntilAsync(() => rig.Adapter.Statistics.ReceivedTotal == Messages + 1,
            $"{Messages + 1} messages are counted, the dead letter included").ConfigureAwait(false);
        AdapterStatistics after = rig.Adapter.Statistics;
        Require(after.RejectedTotal == rejected + 1,
            $"RejectedTotal counts a dead letter; it went from {rejected} to {after.RejectedTotal}.");
        Require(after.BytesTotal > 0, "BytesTotal counts the bytes of the messages.");
        await connection.DisposeAsync().ConfigureAwait(false);
        if (rig.Listens)
        {
            await rig.UntilAsync(() => rig.Adapter.Statistics.Connections == 0, "no connection is counted that is cut")
                .ConfigureAwait(false);
        }
    }

    private static async Task EmittedIsReceived(ComplianceRig rig)
    {
        byte[] stored = TranslationChecks.Translate(rig, 7);
        await rig.DisposeAdapterAsync().ConfigureAwait(false);
        await rig.StartAsync().ConfigureAwait(false);
        IPeerConnection connection = await rig.OpenAsync().ConfigureAwait(false);
        await rig.UntilAsync(HealthState.Healthy, "an adapter with its peer is healthy").ConfigureAwait(false);
        EgressMessage message = TranslationChecks.ToWire(rig, stored);
        EmitStatus status = await EmitAsync(rig, message).ConfigureAwait(false);
        Require(status.IsOk, $"Emit says Ok where the peer takes a message; it says {status.Code}: {status.Detail}");
        await rig.UntilAsync(() => connection.Received.Count > 0, "the peer has the message").ConfigureAwait(false);
        ComplianceMessage received = connection.Received.First();
        Require(
            received.Topic.Span.SequenceEqual(message.Topic.WrittenSpan)
                && received.Payload.Span.SequenceEqual(message.Payload.WrittenSpan),
            "the peer has the message as TranslateEgress wrote it; it has another.");
    }

    private static async Task NobodyReceives(ComplianceRig rig)
    {
        byte[] stored = TranslationChecks.Translate(rig, 7);
        EgressMessage message = TranslationChecks.ToWire(rig, stored);
        await rig.DisposeAdapterAsync().ConfigureAwait(false);
        await rig.StartAloneAsync().ConfigureAwait(false);
        EmitStatus status = await EmitAsync(rig, message).ConfigureAwait(false);
        Require(status.Code == EmitCode.NotConnected, $"Emit says NotConnected where there is no peer; it says {status.Code}.");
        Require(status.Detail.Length > 0, "Emit says why.");
    }

    private static async Task<EmitStatus> EmitAsync(ComplianceRig rig, EgressMessage message)
    {
        try
        {
            return await rig.Adapter.Emit(message, rig.Cancellation).AsTask().WaitAsync(rig.Subject.Patience, rig.Cancellation)
                .ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new ComplianceException($"Emit comes to an end; it did not within {rig.Subject.Patience.TotalSeconds:0.#} s.");
        }
    }
}
