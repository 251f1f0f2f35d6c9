using System.Text.Json;
using Estream.Scenarios.Harness;
using Microsoft.Playwright;

namespace Estream.Scenarios.Product;

/// <summary>Times what a user waits for while a dashboard of widgets shows the messages of a queue.</summary>
/// <param name="context">The input.</param>
/// <param name="widgets">The number of widgets on the dashboard.</param>
internal abstract class WidgetContender(ContenderContext context, int widgets) : IContender
{
    private const double NanosPerMillisecond = 1_000_000;

    protected WidgetPage Site { get; } = new(context.Directory, widgets);

    /// <summary>The messages of a round, sent within three seconds.</summary>
    protected int Messages { get; } = (int)context.Size.Of(3 * WidgetPage.PerSecond, 200);

    public RunResult Run() => RunAsync().GetAwaiter().GetResult();

    public void Dispose() => Site.Dispose();

    protected abstract Task<RunResult> RunAsync();

    protected static RunResult ResultOf(IReadOnlyCollection<double> milliseconds)
    {
        Samples samples = new(milliseconds.Count);
        int index = 0;
        foreach (double time in milliseconds)
        {
            samples.Set(index++, 0, (long)(time * NanosPerMillisecond));
        }

        return samples.Round(check: 0);
    }
}

/// <summary>The time from the append of a message by a client until the browser has painted it, in one widget.</summary>
internal sealed class AppendToPixelContender(ContenderContext context) : WidgetContender(context, widgets: 1)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    protected override async Task<RunResult> RunAsync()
    {
        IFrame widget = Site.Widget;
        List<double> milliseconds = [];
        await Site.SendAsync(Messages).ConfigureAwait(false);
        for (long start = Samples.Now(); milliseconds.Count < Messages;)
        {
            JsonElement taken = await widget.EvaluateAsync<JsonElement>("() => window.take()").ConfigureAwait(false);
            milliseconds.AddRange(taken.GetProperty("milliseconds").EnumerateArray().Select(time => time.GetDouble()));
            long dropped = taken.GetProperty("dropped").GetInt64();
            if (dropped > 0 || TimeSpan.FromTicks((Samples.Now() - start) / 100) > s_limit)
            {
                throw new ScenarioException($"the widget showed {milliseconds.Count} of {Messages} messages; {dropped} were dropped");
            }
        }

        return milliseconds.Min() > 0
            ? ResultOf(milliseconds)
            : throw new ScenarioException("a message was painted before it was sent: the clocks of the processes differ");
    }
}

/// <summary>The time between two animation frames of the page while a widget shows the messages. A browser that keeps up has one each
/// 16.7 ms.</summary>
internal sealed class WidgetFramesContender(ContenderContext context) : WidgetContender(context, widgets: 1)
{
    private const string Record = """
        (count) => new Promise((done) => {
          const times = [];
          const step = (time) => {
            times.push(time);
            if (times.length > count) {
              done(times.slice(1).map((at, index) => at - times[index]));
            } else {
              requestAnimationFrame(step);
            }
          };
          requestAnimationFrame(step);
        })
        """;

    private const int FramesPerSecond = 60;

    protected override async Task<RunResult> RunAsync()
    {
        Task sending = Site.SendAsync(Messages);
        double[] apart = await Site.Page.EvaluateAsync<double[]>(Record, Messages * FramesPerSecond / WidgetPage.PerSecond)
            .ConfigureAwait(false);
        await sending.ConfigureAwait(false);
        return ResultOf(apart);
    }
}

/// <summary>The time of <c>GET /api/overview</c> while twelve widgets show the messages.</summary>
internal sealed class WidgetOverviewContender(ContenderContext context) : WidgetContender(context, widgets: 12)
{
    private const int Pause = 20;

    private readonly HttpClient _http = new();

    protected override async Task<RunResult> RunAsync()
    {
        List<double> milliseconds = [];
        Task sending = Site.SendAsync(Messages);
        while (!sending.IsCompleted)
        {
            long start = Samples.Now();
            await _http.GetByteArrayAsync(new Uri(Site.Address, "api/overview")).ConfigureAwait(false);
            milliseconds.Add((Samples.Now() - start) / 1e6);
            await Task.Delay(Pause).ConfigureAwait(false);
        }

        await sending.ConfigureAwait(false);
        return ResultOf(milliseconds);
    }
}
