using System.Reflection;
using Estream.Circuits;
using Estream.Core;
using Estream.Host.Http;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>The view of the running host for HTTP endpoints. Thread-safe.</summary>
internal sealed class HostView : IHostView
{
    private readonly HostState _state;
    private readonly HostConfiguration _plan;
    private volatile Overview _overview;

    public HostView(HostState state, HostConfiguration plan, IClock clock)
    {
        (_state, _plan) = (state, plan);
        StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(clock.UtcNanos / 1_000_000);
        _overview = new Overview(HostVersion.Text, StartedAt, 0, [], [], [], [], [], [], []);
    }

    public DateTimeOffset StartedAt { get; }

    public HealthReport Health => _state.Report();

    public Overview Overview
    {
        get => _overview;
        set => _overview = value;
    }

    /// <summary>The egress pumps by adapter.</summary>
    public IEnumerable<(string Adapter, EgressPump Pump)> Egress =>
        _state.Parts is { } parts ? [.. parts.Adapters.SelectMany(a => a.Egress, (a, pump) => (a.Name, pump))] : [];

    /// <summary>The statistics by adapter.</summary>
    public IEnumerable<(string Adapter, AdapterStatistics Statistics)> Adapters =>
        _state.Parts is { } parts ? [.. parts.Adapters.Select(a => (a.Name, a.Statistics))] : [];

    public QueueAccess Access => _plan.Access;

    public IQueueView? Queue(string name) =>
        _state.Parts is { } parts && parts.Queues.TryGetValue(name, out QueueRuntime? queue) ? queue.View : null;

    public QueueDetail? Describe(string queue) => _state.Parts is { } parts && QueueList.Find(_overview.Queues, queue) is { } row
        ? parts.Gate.Read(() => new QueueDescription(parts, _plan).Of(row))
        : null;

    public HistoryRecorder? History => _state.Parts?.History;

    public AlertRuntime? Alerts => _state.Parts?.Alerts;

    public IQueueView? Audit => _state.Parts?.Audit?.View;

    public IWitnessView? Witness(string queue) =>
        _state.Parts is { } parts && parts.Witnesses.TryGetValue(queue, out WitnessRuntime? witness) ? witness.View : null;

    public IReadOnlyCollection<string> MapNames => _state.Parts?.MapNames ?? [];

    public IMapView? Map(string name) => _state.Parts?.ViewOf(name);

    public T Change<T>(Func<T> change)
    {
        HostComponents parts = _state.Parts ?? throw new ObjectDisposedException(nameof(HostComponents));
        parts.Remote?.RequireOpen();
        return parts.Gate.Read(change);
    }

    public LexDirectory Streams => _plan.Streams;

    public RunningCircuit? Circuit(string name) => _state.Parts?.Circuits.FirstOrDefault(circuit => circuit.Circuit.Name == name);

    public IAdapterView? Adapter(string name) => _state.Parts?.Adapters.FirstOrDefault(runtime => runtime.Name == name);

    public IReadOnlyList<DeviceStatus>? Devices(string adapter) =>
        (_state.Parts?.Adapters.FirstOrDefault(runtime => runtime.Name == adapter)?.Adapter as IFieldAdapter)?.Devices;

    public IReadOnlyList<WaitingPayment>? WaitingPayments(string adapter, int max) =>
        (_state.Parts?.Adapters.FirstOrDefault(runtime => runtime.Name == adapter)?.Adapter as IPaymentAdapter)?.GetWaitingPayments(max);

    public ComponentDetail? Component(string adapter) =>
        _state.Parts?.Adapters.FirstOrDefault(runtime => runtime.Name == adapter)?.Component?.Installed is { } installed
            ? ComponentDetail.Of(adapter, installed)
            : null;
}

/// <summary>The version of this build, without the commit that follows a plus sign.</summary>
internal static class HostVersion
{
    public static string Text { get; } =
        typeof(HostVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
            ?? "0.0.0";
}
