using Estream.Core;
using Estream.Wire.OpcUa.Client;
using Estream.Wire.OpcUa.Codec;
using Estream.Wire.OpcUa.Monitoring;

namespace Estream.Wire.OpcUa;

/// <summary>A change of a watched node.</summary>
/// <param name="Node">The text that named the node.</param>
/// <param name="Value">The value with its status and timestamps.</param>
public readonly record struct UaChange(string Node, UaDataValue Value);

/// <summary>Reports changes of nodes until cancelled, and reconnects without losing changes. For tools; the adapter stores values without
/// objects.</summary>
public sealed class OpcUaWatcher
{
    private readonly MonitoredConnection _connection;

    /// <summary>Creates a watcher. Nothing is connected yet.</summary>
    /// <param name="options">The server, its security, and its user.</param>
    /// <param name="nodes">The nodes in text form, such as ns=1;s=Temperature.</param>
    /// <param name="intervalMs">The time between notifications in milliseconds, 10 or more.</param>
    /// <param name="onChange">Receives each change. Called from one thread at a time.</param>
    /// <param name="onEvent">Receives a sentence for each connect, disconnect, refused node and gap.</param>
    /// <param name="clock">The clock. Default: the system clock.</param>
    /// <exception cref="FormatException">A text is not a node.</exception>
    /// <exception cref="WireConfigurationException">The URL of the server is invalid.</exception>
    public OpcUaWatcher(
        OpcUaClientOptions options, IReadOnlyList<string> nodes, int intervalMs, Action<UaChange> onChange, Action<string> onEvent,
        IClock? clock = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentOutOfRangeException.ThrowIfLessThan(intervalMs, 10);
        _ = UaSession.Parse(options.Url);
        if (nodes.FirstOrDefault(node => !NamespaceTable.IsNode(node)) is { } wrong)
        {
            throw new FormatException($"'{wrong}' is not a node; write ns=1;s=NAME, i=NUMBER or nsu=URI;s=NAME.");
        }

        MonitorOptions monitor = new()
        {
            Items = [.. nodes.Select(node => new MonitoredNode(node))],
            PublishingIntervalMs = intervalMs,
        };
        _connection = new MonitoredConnection(options, monitor, new Observer(nodes, onChange, onEvent), clock ?? SystemClock.Instance);
    }

    /// <summary>Runs until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellation) => _connection.RunAsync(cancellation);

    private sealed class Observer(IReadOnlyList<string> nodes, Action<UaChange> onChange, Action<string> onEvent) : IMonitorObserver
    {
        public ValueTask StoreAsync(ReadOnlyMemory<byte> notificationData, long receivedAt, CancellationToken cancellation)
        {
            NotificationReader reader = new(notificationData.Span);
            while (reader.MoveNext())
            {
                if (reader.Lost > 0)
                {
                    onEvent($"{reader.Lost} changes cannot be decoded, and are lost");
                }
                else if (reader.Handle < (uint)nodes.Count)
                {
                    UaReader value = new(reader.Value);
                    onChange(new UaChange(nodes[(int)reader.Handle], VariantDecoder.DataValue(ref value)));
                }
            }

            return ValueTask.CompletedTask;
        }

        public ValueTask StoreAsync(int item, ReadOnlyMemory<byte> dataValue, long receivedAt, CancellationToken cancellation)
        {
            UaReader value = new(dataValue.Span);
            onChange(new UaChange(nodes[item], VariantDecoder.DataValue(ref value)));
            return ValueTask.CompletedTask;
        }

        public ValueTask OnGapAsync(MonitorGap gap, CancellationToken cancellation)
        {
            onEvent($"changes are lost: {gap.Reason}");
            return ValueTask.CompletedTask;
        }

        public ValueTask OnConnectedAsync(bool isAgain, CancellationToken cancellation)
        {
            onEvent(isAgain ? "connected again" : "connected");
            return ValueTask.CompletedTask;
        }

        public ValueTask OnDisconnectedAsync(string? reason, CancellationToken cancellation)
        {
            onEvent($"disconnected: {reason}");
            return ValueTask.CompletedTask;
        }

        public void OnConnectFailed(Exception failure) => onEvent(failure.Message);

        public ValueTask OnItemsRefusedAsync(IReadOnlyList<(int Item, UaStatus Status)> refused, CancellationToken cancellation)
        {
            foreach ((int item, UaStatus status) in refused)
            {
                onEvent($"{nodes[item]} cannot be watched: {status}");
            }

            return ValueTask.CompletedTask;
        }
    }
}
