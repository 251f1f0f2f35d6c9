using Estream.Host.Components;
using Estream.Host.Runtime;
using Estream.Host.Tests.Process;
using Estream.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Estream.Host.Tests.Components;

/// <summary>Goal: a new version replaces a running one without a stop of the host and without lost or repeated messages. If the new version
/// is refused or fails, the old version runs.</summary>
[Collection(ProcessCollection.Name)]
public sealed class ComponentUpdateTests : IDisposable
{
    private const string First = "@samples/line-file 1.0.0";
    private const string Second = "@samples/line-file 2.0.0";

    private static readonly byte[] s_first = LineFileVersion.Compile();
    private static readonly byte[] s_second = LineFileVersion.Compile(("Metric = \"line\"", "Metric = \"line.2\""));

    private readonly ComponentCase _case = new();

    public void Dispose() => _case.Dispose();

    [Fact]
    public async Task An_update_under_load_loses_and_repeats_no_message()
    {
        int count = LongRun.Count(20_000, 400_000);
        _case.Install("1.0.0", s_first);
        using IHost host = _case.Build();
        await host.StartAsync();
        Task feeding = Task.Run(() =>
        {
            for (int sent = 0; sent < count; sent += 10)
            {
                _case.Append(sent, sent + 10);
            }
        });
        Eventually.True(() => _case.Stored().Count > 100 && _case.Sent().Count > 100, "the first version stores and sends");
        _case.Install("2.0.0", s_second);

        ComponentUpdate update = await Updates(host).UpdateAsync("lines");
        await feeding;
        _case.Append(count, count + 10);
        Eventually.True(() => _case.Sent().Count >= count + 10, "all is stored and sent");
        await host.StopAsync();

        Assert.Equal((ComponentUpdateStatus.Updated, First, Second), (update.Status, update.Before, update.Now));
        List<(string Metric, int Number)> stored = _case.Stored();
        Assert.Equal(Enumerable.Range(0, count + 10), stored.Select(message => message.Number));
        Assert.Equal(["line", "line.2"], stored.Select(message => message.Metric).Distinct());
        Assert.Equal(stored.Count(message => message.Metric == "line"), stored.TakeWhile(message => message.Metric == "line").Count());
        Assert.Equal(stored, _case.Sent());
    }

    [Fact]
    public async Task The_code_of_the_old_version_is_unloaded()
    {
        _case.Install("1.0.0", s_first);
        using IHost host = _case.Build();
        await host.StartAsync();
        _case.Append(0, 10);
        Eventually.True(() => _case.Sent().Count == 10, "the first version stores and sends");
        WeakReference[] old = LoadContexts.Of(First);
        _case.Install("2.0.0", s_second);
        await Updates(host).UpdateAsync("lines");

        Assert.NotEmpty(old);
        LoadContexts.AwaitEnd(old);
        Assert.NotEmpty(LoadContexts.Of(Second));
        await host.StopAsync();
    }

    [Fact]
    public async Task A_running_version_is_not_restarted()
    {
        _case.Install("1.0.0", s_first);
        using IHost host = _case.Build();
        await host.StartAsync();
        AdapterRuntime running = Adapter(host);

        ComponentUpdate update = await Updates(host).UpdateAsync("lines");

        Assert.Equal(ComponentUpdateStatus.Unchanged, update.Status);
        Assert.Same(running, Adapter(host));
        await host.StopAsync();
    }

    [Theory]
    [InlineData("protected override IWireAdapter Create(AdapterContext context, LineFileOptions options)\n    {",
        "throw new NotSupportedException(\"half made\");", "half made")]
    [InlineData("public required string File { get; init; }", "[Setting(\"shelf\")] public required string Shelf { get; init; }",
        "Estream:Adapters:lines:Shelf")]
    [InlineData("options.Out is null", " || options.Out is not null", "Out: is required with Egress")]
    public async Task An_incompatible_version_does_not_disturb_the_running_one(string place, string change, string reason)
    {
        _case.Install("1.0.0", s_first);
        using IHost host = _case.Build();
        await host.StartAsync();
        AdapterRuntime running = Adapter(host);
        _case.Install("2.0.0", LineFileVersion.Compile((place, place + change)));

        ComponentUpdate update = await Updates(host).UpdateAsync("lines");
        _case.Append(0, 10);
        Eventually.True(() => _case.Stored().Count == 10, "the first version keeps running");
        Assert.Same(running, Adapter(host));
        await host.StopAsync();

        Assert.Equal((ComponentUpdateStatus.Refused, First, First), (update.Status, update.Before, update.Now));
        Assert.Contains(reason, update.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("public async Task StartAsync(CancellationToken cancellation)\n    {",
        "if (_options.PollMs > 0) { throw new IOException(\"the shelf is full\"); }", "the shelf is full", 60)]
    [InlineData("public async Task StartAsync(CancellationToken cancellation)\n    {",
        "await Task.Delay(Timeout.Infinite, CancellationToken.None);", "it had not started after 5 s", 5)]
    [InlineData("public async Task Ingest(CancellationToken cancellation)\n    {",
        "if (_options.PollMs > 0) { throw new IOException(\"the shelf is full\"); }", "The adapter failed: the shelf is full",
        60)]
    [InlineData("!_isServing ? HealthStatus.Unhealthy(\"The adapter does not read the file.\")",
        ": _isServing ? HealthStatus.Degraded(\"it limps\")", "it was degraded after 5 s, but the previous version was healthy: it "
        + "limps", 5)]
    public async Task The_old_version_keeps_running_when_the_new_one_cannot_start(
        string place, string change, string reason, int limitSeconds)
    {
        _case.Install("1.0.0", s_first);
        using IHost host = _case.Build();
        await host.StartAsync();
        _case.Append(0, 10);
        Eventually.True(() => _case.Sent().Count == 10, "the first version stores and sends");
        _case.Install("2.0.0", LineFileVersion.Compile(("Metric = \"line\"", "Metric = \"line.2\""), (place, place + change)));

        // The limit also applies to the start of each version. Two of the cases wait for the limit, so it is short there.
        host.Services.GetRequiredService<AdapterUpdater>().TrialLimit = TimeSpan.FromSeconds(limitSeconds);

        ComponentUpdate update = await Updates(host).UpdateAsync("lines");
        _case.Append(10, 20);
        Eventually.True(() => _case.Sent().Count >= 20, "the first version keeps running");
        Assert.Equal("healthy", Adapter(host).Health.State);
        await host.StopAsync();

        Assert.Equal((ComponentUpdateStatus.Restored, First, First), (update.Status, update.Before, update.Now));
        Assert.Contains(reason, update.Detail, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(0, 20), _case.Stored().Select(message => message.Number));
        Assert.Equal("line", _case.Stored()[^1].Metric);
        Assert.Equal(_case.Stored(), _case.Sent());
    }

    [Fact]
    public async Task A_start_resumes_where_the_previous_version_ended()
    {
        _case.Install("1.0.0", s_first);
        using (IHost host = _case.Build())
        {
            await host.StartAsync();
            _case.Append(0, 10);
            Eventually.True(() => _case.Sent().Count == 10, "the first version stores and sends");
            await host.StopAsync();
        }

        _case.Install("2.0.0", s_second);
        using IHost next = _case.Build();
        await next.StartAsync();
        _case.Append(10, 20);
        Eventually.True(() => _case.Sent().Count == 20, "the second version stores and sends");
        await next.StopAsync();

        Assert.Equal(Enumerable.Range(0, 20), _case.Stored().Select(message => message.Number));
    }

    [Fact]
    public async Task Updating_an_unknown_adapter_or_while_the_host_is_stopped_is_a_caller_error()
    {
        _case.Install("1.0.0", s_first);
        using IHost host = _case.Build();
        await Assert.ThrowsAsync<InvalidOperationException>(() => Updates(host).UpdateAsync("lines"));
        await host.StartAsync();
        ArgumentException unknown = await Assert.ThrowsAsync<ArgumentException>(() => Updates(host).UpdateAsync("line"));
        Assert.Contains("There is no adapter line. The adapters are: lines.", unknown.Message, StringComparison.Ordinal);
        await host.StopAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => Updates(host).UpdateAsync("lines"));
    }

    private static ComponentUpdates Updates(IHost host) => host.Services.GetRequiredService<ComponentUpdates>();

    private static AdapterRuntime Adapter(IHost host) => host.Services.GetRequiredService<HostState>().Parts!.Adapters.Single();
}
