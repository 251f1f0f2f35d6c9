using System.Text;
using Estream.Core;
using Estream.Opcua;
using Estream.Wire.OpcUa.Monitoring;

namespace Estream.Wire.OpcUa.Adapter;

/// <summary>
/// Stores the values and events of one server. A call returns when everything is as durable as its queue promises; while a queue cannot be
/// written it waits, so that the server keeps what it cannot send. One caller at a time; storing values allocates nothing.
/// </summary>
internal sealed class ItemStore : IDisposable
{
    private const int RetryMs = 50;

    private readonly IngressWriter _writer;
    private readonly MonitorCounters _counters;
    private readonly Action _onBlocked;
    private readonly AdapterItem[] _items;
    private readonly int _server;
    private readonly bool _storesReadings;
    private readonly bool _storesValues;
    private readonly bool _storesEvents;
    private readonly byte[][] _readingTopics;
    private readonly byte[][] _valueTopics;
    private readonly byte[] _eventTopic;
    private readonly SemaphoreSlim _gate = new(1);
    private byte[] _payload = new byte[1_024];
    private readonly RepeatedValues _repeated;

    // Of the present notification message: the values that are stored, and the messages that are stored of the next value.
    private int _values;
    private int _stored;
    private int _lost;

    public ItemStore(
        IngressWriter writer, MonitorCounters counters, OpcUaAdapterOptions options, int server, IEnumerable<AdapterItem> items,
        Action onBlocked)
    {
        (_writer, _counters, _server, _onBlocked) = (writer, counters, server, onBlocked);
        _items = [.. items];
        _repeated = new RepeatedValues(_items.Length);
        _storesReadings = options.Mappings.Any(one => one.Schema.Name == OpcUaSchemas.Reading);
        _storesValues = options.Mappings.Any(one => one.Schema.Name == OpcUaSchemas.Value);
        _storesEvents = options.Mappings.Any(one => one.Schema.Name == OpcUaSchemas.Event);
        string name = options.Servers[server].Name;
        _readingTopics = [.. _items.Select(item => Encoding.UTF8.GetBytes($"readings/{name}/{item.Options.Name}"))];
        _valueTopics = [.. _items.Select(item => Encoding.UTF8.GetBytes($"values/{name}/{item.Options.Name}"))];
        _eventTopic = Encoding.UTF8.GetBytes($"events/{name}");
    }

    /// <summary>Stores the values of a notification message, and a gap for each value that cannot be decoded.</summary>
    /// <returns>The number of values that are lost.</returns>
    public async ValueTask<int> StoreAsync(ReadOnlyMemory<byte> notificationData, long receivedAt, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            (_values, _stored) = (0, 0);
            while (!TryStore(notificationData.Span, receivedAt))
            {
                await WaitAsync(cancellation).ConfigureAwait(false);
            }

            await WaitDurableAsync(cancellation).ConfigureAwait(false);
            return _lost;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Stores one value.</summary>
    public async ValueTask StoreAsync(int handle, ReadOnlyMemory<byte> value, long receivedAt, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            _stored = 0;
            while (!TryOnce(() => TryStoreValue(handle, value.Span, receivedAt, default)))
            {
                await WaitAsync(cancellation).ConfigureAwait(false);
            }

            await WaitDurableAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Stores an event, if a mapping stores events.</summary>
    public async ValueTask StoreAsync(ServerEvent one, CancellationToken cancellation)
    {
        if (!_storesEvents)
        {
            return;
        }

        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            byte[] payload = new byte[EventTranslator.MaxPayloadBytes];
            int length = EventTranslator.WritePayload(one, payload);
            while (!TryOnce(() => TryAppend(_eventTopic, payload.AsSpan(0, length))))
            {
                await WaitAsync(cancellation).ConfigureAwait(false);
            }

            await _writer.WaitDurableAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        _writer.Dispose();
        _gate.Dispose();
    }

    /// <summary>Waits for a flush. If it fails, the values may be lost, so that none of them is recognized when it is repeated.</summary>
    private async ValueTask WaitDurableAsync(CancellationToken cancellation)
    {
        try
        {
            await _writer.WaitDurableAsync(cancellation).ConfigureAwait(false);
        }
        catch (EstreamStorageException)
        {
            _repeated.Clear();
            throw;
        }
    }

    private Task WaitAsync(CancellationToken cancellation)
    {
        _onBlocked();
        return Task.Delay(RetryMs, cancellation);
    }

    private bool TryOnce(Func<bool> append)
    {
        try
        {
            return append();
        }
        finally
        {
            _writer.Release();
        }
    }

    /// <summary>Stores the values that an earlier attempt has not stored.</summary>
    /// <returns>False if a queue cannot be written now.</returns>
    private bool TryStore(ReadOnlySpan<byte> notificationData, long receivedAt)
    {
        try
        {
            int values = 0;
            int lost = 0;
            int overflows = 0;
            NotificationReader reader = new(notificationData);
            while (reader.MoveNext())
            {
                bool isKnown = reader.Handle < (uint)_items.Length;
                bool isStored = values++ < _values
                    || (reader.Lost > 0 ? TryStoreGap(isKnown ? (int)reader.Handle : -1, reader.Lost, receivedAt)
                        : !isKnown || TryStoreValue((int)reader.Handle, reader.Value, receivedAt, reader.Status));
                if (!isStored)
                {
                    return false;
                }

                if (values > _values)
                {
                    (_values, _stored) = (values, 0);
                }

                lost += reader.Lost;
                overflows += reader.Lost == 0 && reader.Status.IsOverflow ? 1 : 0;
            }

            _lost = lost + (reader.IsFailed ? 1 : 0);
            if (_lost > 0)
            {
                _counters.Refuse("a value of the server cannot be decoded", count: _lost);
            }

            _counters.Overflow(overflows);
            return true;
        }
        finally
        {
            _writer.Release();
        }
    }

    /// <summary>Appends the messages of a value, except those that were appended before. A value that the server repeats has no messages.
    /// </summary>
    /// <param name="handle">The index of the item.</param>
    /// <param name="value">The encoded DataValue.</param>
    /// <param name="receivedAt">When the value arrived.</param>
    /// <param name="status">The status of the value. Its bit Overflow is recorded as an event.</param>
    private bool TryStoreValue(int handle, ReadOnlySpan<byte> value, long receivedAt, UaStatus status)
    {
        if (_repeated.IsRepeated(handle, value))
        {
            return true;
        }

        int length = ItemRecord.HeaderBytes + value.Length;
        if (length > _payload.Length)
        {
            _payload = new byte[Math.Max(length, 2 * _payload.Length)];
        }

        ItemRecord.WriteHeader(_payload, _items[handle].Index, receivedAt);
        value.CopyTo(_payload.AsSpan(ItemRecord.HeaderBytes));
        ReadOnlySpan<byte> payload = _payload.AsSpan(0, length);
        int step = 0;
        if (!TryStep(_storesReadings, _readingTopics[handle], payload, ref step)
            || !TryStep(_storesValues, _valueTopics[handle], payload, ref step)
            || (status.IsOverflow && !TryStoreOverflow(handle, status, receivedAt)))
        {
            return false;
        }

        _repeated.Store(handle, value);
        return true;
    }

    /// <summary>Records that the server has dropped values of an item before or after this value.</summary>
    private bool TryStoreOverflow(int handle, UaStatus status, long receivedAt)
    {
        if (!_storesEvents)
        {
            return true;
        }

        Span<byte> payload = stackalloc byte[EventTranslator.MaxPayloadBytes];
        int length = EventTranslator.WritePayload(
            new ServerEvent(_server, receivedAt, OpcUaEventKind.Overflow, _items[handle].Index)
            {
                Status = status,
                Reason = "the queue of the item was full, and the server has dropped values",
            },
            payload);
        return TryAppend(_eventTopic, payload[..length]);
    }

    /// <summary>Records that a value cannot be decoded, with the values after it that cannot be found.</summary>
    private bool TryStoreGap(int handle, int lost, long receivedAt)
    {
        if (!_storesEvents)
        {
            return true;
        }

        Span<byte> payload = stackalloc byte[EventTranslator.MaxPayloadBytes];
        int length = EventTranslator.WritePayload(
            new ServerEvent(_server, receivedAt, OpcUaEventKind.Gap, handle < 0 ? -1 : _items[handle].Index)
            {
                Status = UaStatus.BadDecodingError,
                Reason = lost == 1 ? "the value cannot be decoded"
                    : $"the value cannot be decoded, and {lost - 1} values after it cannot be found",
            },
            payload);
        return TryAppend(_eventTopic, payload[..length]);
    }

    private bool TryStep(bool isMapped, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, ref int step)
    {
        if (!isMapped)
        {
            return true;
        }

        if (step++ < _stored)
        {
            return true;
        }

        if (!TryAppend(topic, payload))
        {
            return false;
        }

        _stored++;
        _counters.Receive(payload.Length);
        return true;
    }

    private bool TryAppend(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload)
    {
        IngressStatus status = _writer.Append(new WireMessage(topic, payload));
        if (status is IngressStatus.DeadLettered or IngressStatus.NotMapped)
        {
            _counters.Reject();
        }

        return status != IngressStatus.Blocked;
    }
}
