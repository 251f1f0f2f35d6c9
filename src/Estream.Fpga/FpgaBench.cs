using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Fpga;

/// <summary>The host's cost of a message sent to a card: writing submissions, ringing the doorbell and reading completions. The time spent
/// on advancing a simulated card is reported separately, and does not predict the time of hardware.</summary>
/// <param name="Messages">The number of messages.</param>
/// <param name="HostNanos">Nanoseconds that the host spent on all messages, excluding <paramref name="CardNanos"/>.</param>
/// <param name="CardNanos">Nanoseconds in which the host waited for the card, or simulated it.</param>
/// <param name="Cycles">Cycles by which a simulated card advanced; 0 for a card on the bus.</param>
public sealed record FpgaBench(long Messages, long HostNanos, long CardNanos, long Cycles)
{
    private const int MessageBytes = 32;
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);

    /// <summary>The host's nanoseconds per message.</summary>
    public double HostNanosPerMessage => (double)HostNanos / Messages;

    /// <summary>Appends messages of 32 bytes. On a card without an append engine, submits no-operations instead.</summary>
    /// <param name="card">The card, with no submissions in flight.</param>
    /// <param name="messages">The number of messages; rounded up to whole batches.</param>
    /// <param name="batch">The number of messages per doorbell; limited to the entries of the rings.</param>
    /// <param name="clock">The host's clock.</param>
    /// <exception cref="EstreamFpgaException">The card has disappeared, or does not answer.</exception>
    public static FpgaBench Run(FpgaCard card, long messages, int batch, IClock clock)
    {
        ArgumentNullException.ThrowIfNull(card);
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentOutOfRangeException.ThrowIfLessThan(messages, 1);
        batch = Math.Clamp(batch, 1, card.Queue.Entries);
        FpgaInline message = default;
        for (int i = 0; i < MessageBytes / sizeof(ulong); i++)
        {
            message[i] = 0x0101_0101_0101_0101ul * (ulong)i;
        }

        CardOperation operation = card.Info.HasAppend ? CardOperation.Append : CardOperation.Nop;
        long cyclesBefore = card.ReadCounters().Cycles;
        long host = 0;
        long waited = 0;
        long done = 0;
        for (; done < messages; done += batch)
        {
            long start = clock.MonotonicNanos;
            Submit(card.Queue, operation, in message, batch);
            bool isThere = card.Queue.Ring();
            long rung = clock.MonotonicNanos;
            FpgaFailure? failure = isThere ? card.Queue.Wait(batch, s_timeout) : FpgaFailure.Gone;
            if (failure is FpgaFailure reason)
            {
                throw new EstreamFpgaException(
                    $"The card '{card.Info.Uri}' {(reason == FpgaFailure.Gone ? "is gone" : "did not answer in time")}. Reset it, or "
                    + "remove it.", card.Info.Uri, reason);
            }

            long come = clock.MonotonicNanos;
            _ = Take(card.Queue);
            host += rung - start + clock.MonotonicNanos - come;
            waited += come - rung;
        }

        return new FpgaBench(done, host, waited, card.ReadCounters().Cycles - cyclesBefore);
    }

    /// <summary>Writes a batch of submissions directly into the ring.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Submit(FpgaQueue queue, CardOperation operation, in FpgaInline message, int count)
    {
        for (int i = 0; i < count; i++)
        {
            ref FpgaSubmission place = ref queue.Next();
            place.Head(operation, 0, FpgaSubmission.InlineLength(MessageBytes));
            place.Address = 0;
            place.UserData = (ulong)i;
            place.Inline = message;
            place.Argument = 0;
        }
    }

    /// <summary>Reads all available completions, in place.</summary>
    /// <returns>A sum over the completions, so that the reads are not optimized away.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static ulong Take(FpgaQueue queue)
    {
        ulong sum = 0;
        while (queue.HasCompletion)
        {
            ref readonly FpgaCompletion completion = ref queue.Current;
            sum += completion.Sequence + completion.UserData;
            queue.Advance();
        }

        return sum;
    }
}
