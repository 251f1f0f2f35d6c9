using System.Text;
using Estream.Wire.Modbus.Translation;

namespace Estream.Wire.Modbus.Polling;

/// <summary>Stores the responses of one line in queues: a message for the response, one for each point in it, and one for each change of a
/// point that reports changes. Used under the lock of the line; allocates nothing.</summary>
internal sealed class PollStore : IDisposable
{
    private readonly IngressWriter _writer;
    private readonly AdapterCounters _counters;
    private readonly bool _storesResponses;
    private readonly bool _storesValues;
    private readonly byte[][] _responseTopics;
    private readonly byte[][] _valueTopics;
    private readonly byte[][] _eventTopics;
    private readonly PointChanges?[] _changes;
    private readonly long[] _lastValues;
    private readonly byte[] _payload = new byte[ModbusRecord.MaxBytes];
    private int _step;

    public PollStore(
        IngressWriter writer, AdapterCounters counters, ModbusPollerOptions options, IReadOnlyList<PlannedPoint> points,
        PollHistory history)
    {
        _lastValues = [.. points.Select(history.LastValue)];
        _writer = writer;
        _counters = counters;
        _storesResponses = options.Mappings.Any(mapping => mapping.Schema.Name == ModbusSchemas.ReadResponse);
        _storesValues = options.Mappings.Any(mapping => mapping.Schema.Name == ModbusSchemas.Value);
        _responseTopics = [.. options.Devices.Select(device => Encoding.UTF8.GetBytes($"reads/{device.Name}"))];
        _eventTopics = [.. options.Devices.Select(device => Encoding.UTF8.GetBytes($"events/{device.Name}"))];
        _changes = [.. points.Select(point => point.Options.ReportsChanges ? new PointChanges(point.Options) : null)];
        _valueTopics =
            [.. points.Select(point => Encoding.UTF8.GetBytes($"values/{options.Devices[point.Device].Name}/{point.Options.Name}"))];
    }

    /// <summary>Stores a response. After a failure the next call continues where this one stopped, so nothing is stored twice.</summary>
    /// <param name="poll">The poll.</param>
    /// <param name="response">The PDU, which was checked against the request.</param>
    /// <param name="answeredAt">When it arrived; the same for each call for a response.</param>
    /// <returns>False if a queue cannot be written now.</returns>
    public bool TryStore(PollExchange poll, ReadOnlySpan<byte> response, long answeredAt)
    {
        bool isWhole = true;
        try
        {
            if (_step == 0)
            {
                if (_storesResponses && poll.Sequence > poll.LastStored && !TryStoreResponse(poll, response, answeredAt))
                {
                    return isWhole = false;
                }

                _counters.Receive(response.Length);
                _step = 1;
            }

            bool hasValues = ModbusResponseView.TryParse(poll.Request, response, out ModbusResponseView view)
                && view.Exception == ModbusExceptionCode.None;
            return isWhole = !hasValues || (TryStoreValues(poll, response[2..], answeredAt)
                && TryStoreChanges(poll, response[2..], answeredAt));
        }
        finally
        {
            // Also after an exception, so that the next response is stored from its start.
            _step = isWhole ? 0 : _step;
            _writer.Release();
        }
    }

    public void Dispose() => _writer.Dispose();

    private bool TryStoreResponse(PollExchange poll, ReadOnlySpan<byte> response, long answeredAt)
    {
        int length = ModbusRecord.Write(
            poll.Read.Device, poll.RequestedAt, answeredAt, poll.TransactionId, poll.Unit, poll.Sequence, poll.Request, response, _payload);
        return TryAppend(_responseTopics[poll.Read.Device], _payload.AsSpan(0, length));
    }

    private bool TryStoreValues(PollExchange poll, ReadOnlySpan<byte> data, long answeredAt)
    {
        IReadOnlyList<PlannedPoint> points = poll.Read.Points;
        for (; _storesValues && _step <= points.Count; _step++)
        {
            PlannedPoint point = points[_step - 1];
            if (poll.Sequence > _lastValues[point.Index] && !TryStoreValue(point, poll, data, answeredAt))
            {
                return false;
            }
        }

        return true;
    }

    // A stored change becomes part of the values to compare with, so the next call continues after it.
    private bool TryStoreChanges(PollExchange poll, ReadOnlySpan<byte> data, long answeredAt)
    {
        IReadOnlyList<PlannedPoint> points = poll.Read.Points;
        for (int at = 0; at < points.Count; at++)
        {
            PlannedPoint point = points[at];
            if (_changes[point.Index] is not { } changes)
            {
                continue;
            }

            while (changes.TryFind(data, poll.Read.Address, out PointChange change))
            {
                int length = EventTranslator.WriteChange(poll, change, answeredAt, _payload);
                if (!TryAppend(_eventTopics[poll.Read.Device], _payload.AsSpan(0, length)))
                {
                    return false;
                }

                changes.Apply(change);
            }
        }

        return true;
    }

    private bool TryStoreValue(PlannedPoint point, PollExchange poll, ReadOnlySpan<byte> data, long answeredAt)
    {
        int length = ValueTranslator.WritePayload(point, answeredAt, poll.Sequence, data, poll.Read.Address, _payload);
        return TryAppend(_valueTopics[point.Index], _payload.AsSpan(0, length));
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
