using Estream.Core;
using Estream.Wire.Mqtt;
using Spectre.Console;

namespace Estream.Cli.Feed;

/// <summary>Shows how a feed gets on: one redrawn line with a bar on a terminal, a plain line a second elsewhere.</summary>
internal sealed class FeedDisplay(CliContext context, MqttPublisherOptions options)
{
    private static readonly TimeSpan s_plainInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_liveInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>Shows until <paramref name="run"/> has ended, and returns the counts of its end.</summary>
    public async Task<FeedCounts> ShowAsync(MqttPublisher publisher, Task run)
    {
        using StreamWriter text = new(context.Output, leaveOpen: true) { AutoFlush = true };
        if (context.IsTerminal)
        {
            await ShowLiveAsync(text, publisher, run).ConfigureAwait(false);
        }
        else
        {
            await FollowAsync(publisher, run, s_plainInterval, (now, before) => text.WriteLine(now.Line(before, options.Qos))).ConfigureAwait(false);
        }

        return Count(publisher);
    }

    public FeedCounts Count(MqttPublisher publisher)
    {
        IClock clock = context.Clock;
        return FeedCounts.Of(publisher, clock.MonotonicNanos);
    }

    private async Task ShowLiveAsync(TextWriter text, MqttPublisher publisher, Task run)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text) });
        bool hasEnd = options.MaxMessages > 0;
        List<ProgressColumn> columns = hasEnd ? [new ProgressBarColumn(), new PercentageColumn()] : [new SpinnerColumn()];
        columns.Add(new TaskDescriptionColumn { Alignment = Justify.Left });
        await console.Progress().AutoClear(true).Columns([.. columns]).StartAsync(async progress =>
        {
            ProgressTask task = progress.AddTask("connecting", maxValue: hasEnd ? options.MaxMessages : 1);
            task.IsIndeterminate = !hasEnd;
            await FollowAsync(publisher, run, s_liveInterval, (now, before) =>
            {
                task.Description = Markup.Escape(now.Line(before, options.Qos));
                task.Value = hasEnd ? Math.Min(now.Sent, options.MaxMessages) : 0;
            }).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    private async Task FollowAsync(MqttPublisher publisher, Task run, TimeSpan interval, Action<FeedCounts, FeedCounts> show)
    {
        using PeriodicTimer timer = new(interval);
        FeedCounts before = Count(publisher);
        while (await Task.WhenAny(run, timer.WaitForNextTickAsync().AsTask()).ConfigureAwait(false) != run)
        {
            FeedCounts now = Count(publisher);
            show(now, before);
            before = now;
        }
    }
}
