using System.Buffers;

namespace Estream.Wire;

/// <summary>A message on its way out: the buffers are kept and used again. Not thread-safe.</summary>
public sealed class EgressMessage
{
    /// <summary>Where it goes, in UTF-8: a topic, a path, an address.</summary>
    public ArrayBufferWriter<byte> Topic { get; } = new(64);

    /// <summary>Its content.</summary>
    public ArrayBufferWriter<byte> Payload { get; } = new(256);

    /// <summary>How hard to try, in the terms of the protocol (for MQTT the QoS).</summary>
    public int Quality { get; set; }

    /// <summary>Whether the other side is to keep it for those who ask later (for MQTT the flag RETAIN).</summary>
    public bool IsRetained { get; set; }

    /// <summary>Empties both buffers and keeps their memory. What was in them is overwritten: it can have been private.</summary>
    public void Clear()
    {
        Topic.Clear();
        Payload.Clear();
        Quality = 0;
        IsRetained = false;
    }
}
