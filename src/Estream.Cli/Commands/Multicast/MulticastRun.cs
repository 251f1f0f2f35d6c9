using Estream.Cli.Output;
using Estream.Net.Multicast;

namespace Estream.Cli.Commands.Multicast;

/// <summary>Runs a publisher or subscriber until the command is cancelled, and prints what changes.</summary>
internal sealed class MulticastRun(CliContext context)
{
    private const long ReportNanos = 100_000_000;

    private long _nextReport;

    public void Publish(MulticastChannel channel, MulticastPublisher publisher, MulticastText text)
    {
        int receivers = 0;
        long refused = 0;
        channel.Run(publisher, context.Cancellation, () =>
        {
            if (!IsReportDue())
            {
                return;
            }

            MulticastPublisherStatistics statistics = publisher.Statistics;
            if (statistics.Receivers != receivers)
            {
                receivers = statistics.Receivers;
                text.WriteReceivers(receivers);
            }

            if (statistics.ReceiversRefused > 0 && refused == 0)
            {
                refused = statistics.ReceiversRefused;
                text.WriteRefused();
            }
        });

        text.WriteEnd(publisher.Statistics, channel.ReadCounters());
    }

    public void Subscribe(MulticastChannel channel, MulticastSubscriber subscriber, MulticastText text)
    {
        MulticastState state = subscriber.State;
        channel.Run(subscriber, context.Cancellation, () =>
        {
            if (subscriber.State != state)
            {
                state = subscriber.State;
                text.WriteState(state, subscriber.Statistics);
            }
        });

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
