namespace Estream.Wire.Mqtt.Codec;

/// <summary>
/// Selects the properties of a message that are forwarded to subscribers unaltered and in order [MQTT-3.3.2-15] to [MQTT-3.3.2-18],
/// [MQTT-3.3.2-20], [MQTT-3.1.3-10]. Not forwarded are the properties of one hop: topic alias, message expiry interval and will delay
/// interval.
/// </summary>
internal static class KeptProperties
{
    /// <summary>Copies the forwarded properties of a block that is already validated.</summary>
    /// <param name="block">The property block of a PUBLISH or a will, without its length.</param>
    /// <param name="packet">Publish or Will.</param>
    /// <param name="destination">The buffer to copy to; at least as long as the block.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Copy(ReadOnlySpan<byte> block, PacketType packet, Span<byte> destination)
    {
        int length = 0;
        PropertyReader each = new(block, packet);
        while (each.MoveNext())
        {
            if (IsKept(each.Id))
            {
                each.Raw.CopyTo(destination[length..]);
                length += each.Raw.Length;
            }
        }

        return length;
    }

    private static bool IsKept(PropertyId id)
    {
        return id is PropertyId.PayloadFormatIndicator or PropertyId.ContentType or PropertyId.ResponseTopic
            or PropertyId.CorrelationData or PropertyId.UserProperty;
    }
}
