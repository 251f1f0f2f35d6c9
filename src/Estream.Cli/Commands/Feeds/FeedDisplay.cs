using Estream.Wire.Tools.Feeds;
using Spectre.Console;

namespace Estream.Cli.Commands;

/// <summary>Shows the progress of a feed: one redrawn line with a bar on a terminal, otherwise one plain line per second.</summary>
internal sealed class FeedDisplay(CliContext context, IFeed feed)
{
    private static readonly TimeSpan s_plainInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_liveInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>Shows progress until <paramref name="run"/> completes, and returns the final counts.</summary>
    public async Task<FeedCounts> ShowAsync(Task run)
    {
        using StreamWriter text = new(context.Output, leaveOpen: true) { AutoFlush = true };
        if (context.IsTerminal)
        {
            await ShowLiveAsync(text, run).ConfigureAwait(false);
        }
        else
        {
            await FollowAsync(run, s_plainInterval, (now, before) => text.WriteLine(now.Line(before))).ConfigureAwait(false);
        }

        return Count();
    }

    public FeedCounts Count() => feed.Count(context.Clock.MonotonicNanos);

    private async Task ShowLiveAsync(TextWriter text, Task run)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text) });
        bool hasEnd = feed.MaxMessages > 0;
        List<ProgressColumn> columns = hasEnd ? [new ProgressBarColumn(), new PercentageColumn()] : [new SpinnerColumn()];
        columns.Add(new TaskDescriptionColumn { Alignment = Justify.Left });
        await console.Progress().AutoClear(true).Columns([.. columns]).StartAsync(async progress =>
        {
            ProgressTask task = progress.AddTask("connecting", maxValue: hasEnd ? feed.MaxMessages : 1);
            task.IsIndeterminate = !hasEnd;
            await FollowAsync(run, s_liveInterval, (now, before) =>
            {
                task.Description = Markup.Escape(now.Line(before));
                task.Value = hasEnd ? Math.Min(now.Sent, feed.MaxMessages) : 0;
            }).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    private async Task FollowAsync(Task run, TimeSpan interval, Action<FeedCounts, FeedCounts> show)
    {
        using PeriodicTimer timer = new(interval);
        FeedCounts before = Count();
        while (await Task.WhenAny(run, timer.WaitForNextTickAsync().AsTask()).ConfigureAwait(false) != run)
        {
            FeedCounts now = Count();
            show(now, before);
            before = now;
        }
    }
}
