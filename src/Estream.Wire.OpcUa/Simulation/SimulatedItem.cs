using Estream.Wire.OpcUa.Codec;

namespace Estream.Wire.OpcUa.Simulation;

/// <summary>A monitored item of the simulator: the values of a variable that wait for the next message of a subscription. A full queue
/// drops its oldest value and marks the next one with the bit Overflow (Part 4, 5.13.1.5). Thread-safe.</summary>
internal sealed class SimulatedItem(uint handle, SimulatedVariable variable, int queueSize)
{
    /// <summary>The longest queue that a client gets.</summary>
    public const uint MaxQueueSize = 1_000;

    private readonly Lock _gate = new();
    private readonly Queue<UaDataValue> _waiting = [];
    private bool _hasDropped;

    public SimulatedVariable Variable => variable;

    /// <summary>Adds a value to the queue.</summary>
    public void Report(in UaDataValue value)
    {
        lock (_gate)
        {
            if (_waiting.Count == queueSize)
            {
                _waiting.Dequeue();
                _hasDropped = queueSize > 1;
            }

            _waiting.Enqueue(value);
        }
    }

    /// <summary>Writes the waiting values as MonitoredItemNotifications and empties the queue.</summary>
    /// <returns>Their number.</returns>
    public int WriteTo(UaWriter notifications)
    {
        lock (_gate)
        {
            int count = _waiting.Count;
            while (_waiting.TryDequeue(out UaDataValue value))
            {
                notifications.UInt32(handle);
                notifications.DataValue(_hasDropped ? value with { Status = value.Status.WithOverflow } : value);
                _hasDropped = false;
            }

            return count;
        }
    }
}
