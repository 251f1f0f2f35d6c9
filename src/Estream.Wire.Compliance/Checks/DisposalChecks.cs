using System.Net.Sockets;
using Estream.Wire.Compliance.Internal;
using static Estream.Wire.Compliance.Internal.ComplianceRig;

namespace Estream.Wire.Compliance.Checks;

/// <summary>Checks that a disposed adapter leaves nothing behind.</summary>
internal static class DisposalChecks
{
    public static IReadOnlyList<ComplianceCheck> All { get; } =
    [
        new("D1", "disposing at once after cancellation ends Ingest, and disposing twice is harmless", ComplianceTraits.None,
            HurriedDisposalEnds),
        new("D2", "a disposed adapter frees its port and closes its connections", ComplianceTraits.None, DisposalFrees),
        new("D3", "members of a disposed adapter return or throw an ObjectDisposedException", ComplianceTraits.None, DisposedAnswers),
    ];

    private static async Task HurriedDisposalEnds(ComplianceRig rig)
    {
        await rig.StartAsync().ConfigureAwait(false);
        IPeerConnection connection = await rig.OpenAsync().ConfigureAwait(false);
        await rig.StoreAsync(connection, 1).ConfigureAwait(false);
        await rig.CancelAsync().ConfigureAwait(false);
        await rig.DisposeAdapterAsync().ConfigureAwait(false);
        await rig.EndOfIngestAsync().ConfigureAwait(false);
        await rig.DisposeAdapterAsync().ConfigureAwait(false);
    }

    private static async Task DisposalFrees(ComplianceRig rig)
    {
        await rig.StartAsync().ConfigureAwait(false);
        IPeerConnection connection = await rig.OpenAsync().ConfigureAwait(false);
        await rig.StopAsync().ConfigureAwait(false);
        await rig.DisposeAdapterAsync().ConfigureAwait(false);
        await rig.UntilAsync(() => connection.IsOver, "the connection is closed after the adapter is disposed").ConfigureAwait(false);
        if (rig.Listens)
        {
            using Socket free = LoopbackPort.Take(rig.Site.Port, "a disposed adapter must free its port");
        }
    }

    private static async Task DisposedAnswers(ComplianceRig rig)
    {
        await rig.StartAsync().ConfigureAwait(false);
        await rig.OpenAsync().ConfigureAwait(false);
        await rig.StopAsync().ConfigureAwait(false);
        await rig.DisposeAdapterAsync().ConfigureAwait(false);
        IWireAdapter adapter = rig.Adapter;
        ComplianceMessage message = rig.Subject.Message(1);
        Ask("Health", () => adapter.Health);
        Ask("Statistics", () => adapter.Statistics);
        Ask("Schemas", () => adapter.Schemas);
        Ask("Descriptor", () => adapter.Descriptor);
        Ask("TranslateIngress",
            () => adapter.TranslateIngress(new WireMessage(message.Topic.Span, message.Payload.Span), new byte[64 * 1024], out _).Code);
        try
        {
            Task<EmitStatus> emitting = Task.Run(() => adapter.Emit(new EgressMessage(), rig.Cancellation).AsTask(), rig.Cancellation);
            await emitting.WaitAsync(rig.Subject.Patience, rig.Cancellation).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // A disposed adapter may throw this exception.
        }
        catch (TimeoutException)
        {
            throw new ComplianceException(
                $"Emit of a disposed adapter must return; it did not within {rig.Subject.Patience.TotalSeconds:0.#} s.");
        }
    }

    private static void Ask<T>(string member, Func<T> question)
    {
        try
        {
            question();
        }
        catch (ObjectDisposedException)
        {
            // A disposed adapter may throw this exception.
        }
        catch (Exception failure)
        {
            throw new ComplianceException(
                $"{member} of a disposed adapter must return or throw an ObjectDisposedException; it threw {failure.GetType().Name}: "
                + $"{failure.Message}", failure);
        }
    }
}
