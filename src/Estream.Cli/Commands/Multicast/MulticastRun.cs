using Estream.Cli.Output;
using Estream.Net.Multicast;

namespace Estream.Cli.Commands.Multicast;

/// <summary>Runs a publisher or subscriber until the command is cancelled, and prints what changes.</summary>
internal sealed class MulticastRun(CliContext context)
{
    private const long ReportNanos = 100_000_000;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(1);

    private long _nextReport;

    public void Publish(MulticastChannel channel, MulticastPublisher publisher, MulticastText text)
    {
        int receivers = 0;
        while (!context.Cancellation.IsCancellationRequested)
        {
            if (channel.Poll(publisher) == 0)
            {
                channel.Wait(s_pause);
            }

            if (IsReportDue() && publisher.Statistics is var statistics && statistics.Receivers != receivers)
            {
                receivers = statistics.Receivers;
                text.WriteReceivers(receivers);
            }
        }

        text.WriteEnd(publisher.Statistics, channel.ReadCounters());
    }

    public void Subscribe(MulticastChannel channel, MulticastSubscriber subscriber, MulticastText text)
    {
        MulticastState state = subscriber.State;
        while (!context.Cancellation.IsCancellationRequested)
        {
            if (channel.Poll(subscriber) == 0)
            {
                channel.Wait(s_pause);
            }

            if (subscriber.State != state)
            {
                state = subscriber.State;
                text.WriteState(state, subscriber.Statistics);
            }
        }

        text.WriteEnd(subscriber.Statistics, channel.ReadCounters());
    }

    private bool IsReportDue()
    {
        long now = context.Clock.MonotonicNanos;
        if (now < _nextReport)
        {
            return false;
        }

        _nextReport = now + ReportNanos;
        return true;
    }
}
