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
        new("M2", "Emit returns Ok when the peer has the message", ComplianceTraits.Sends, EmittedIsReceived),
        new("M3", "Emit returns NotConnected without waiting for a connection", ComplianceTraits.Sends, NobodyReceives),
    ];

    private static async Task StatisticsAgree(ComplianceRig rig)
    {
        await rig.StartAsync().ConfigureAwait(false);
        AdapterStatistics before = rig.Adapter.Statistics;
        Require(before is { ReceivedTotal: 0, BytesTotal: 0 },
            $"an adapter that has received nothing must count nothing; it returns {before}.");
        IPeerConnection connection = await rig.OpenAsync().ConfigureAwait(false);
        await rig.UntilAsync(() => rig.Adapter.Statistics.Connections == 1, "one connection is counted").ConfigureAwait(false);
        long rejected = rig.Adapter.Statistics.RejectedTotal;
        await rig.SendAsync(connection, Enumerable.Range(1, Messages)).ConfigureAwait(false);
        await rig.SendAsync(connection, [Messages + 1], _ => rig.Subject.Unfit).ConfigureAwait(false);
        await rig.UntilAsync(() => rig.Adapter.Statistics.ReceivedTotal == Messages + 1,
            $"{Messages + 1} messages are counted, the dead letter included").ConfigureAwait(false);
        await rig.UntilAsync(() => rig.Adapter.Statistics.RejectedTotal == rejected + 1, "RejectedTotal increases by 1 for a dead letter")
            .ConfigureAwait(false);
        AdapterStatistics after = rig.Adapter.Statistics;
        Require(after.BytesTotal > 0, "BytesTotal must count the bytes of the messages; it is 0.");
        await connection.DisposeAsync().ConfigureAwait(false);
        if (rig.Listens)
        {
            await rig.UntilAsync(() => rig.Adapter.Statistics.Connections == 0, "a connection that was cut is no longer counted")
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
        Require(status.IsOk, $"Emit must return Ok if the peer accepts a message; it returned {status.Code}: {status.Detail}");
        await rig.UntilAsync(() => connection.Received.Count > 0, "the peer has the message").ConfigureAwait(false);
        ComplianceMessage received = connection.Received.First();
        Require(
            received.Topic.Span.SequenceEqual(message.Topic.WrittenSpan)
                && received.Payload.Span.SequenceEqual(message.Payload.WrittenSpan),
            "the peer must receive the message as TranslateEgress wrote it; it received another.");
    }

    private static async Task NobodyReceives(ComplianceRig rig)
    {
        byte[] stored = TranslationChecks.Translate(rig, 7);
        EgressMessage message = TranslationChecks.ToWire(rig, stored);
        await rig.DisposeAdapterAsync().ConfigureAwait(false);
        await rig.StartAloneAsync().ConfigureAwait(false);
        EmitStatus status = await EmitAsync(rig, message).ConfigureAwait(false);
        Require(status.Code == EmitCode.NotConnected, $"Emit must return NotConnected if there is no peer; it returned {status.Code}.");
        Require(status.Detail.Length > 0, "Emit must return a reason; it is empty.");
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
            throw new ComplianceException($"Emit must end; it did not within {rig.Subject.Patience.TotalSeconds:0.#} s.");
        }
    }
}
